"""Time stamps, and what a calendar says of hours, by the settings of an export."""

import datetime
import re

_PATTERN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}(:[0-9]{2}){1,2}")


def hour_of(timestamp):
    """Reads a time stamp; `ValueError` for what is not the beginning of an hour.

    >>> hour_of("2018-06-01T07:00")
    datetime.datetime(2018, 6, 1, 7, 0)
    """
    wrong = ""
    if not _PATTERN.fullmatch(timestamp):
        wrong = "written as 2018-06-01 07:00:00"
    elif timestamp[13:].strip(":0"):
        wrong = "the beginning of an hour"
    if not wrong:
        try:
            hour = datetime.datetime.fromisoformat(timestamp)
        except ValueError:
            wrong = "an hour that there is"
        else:
            if 1 < hour.year < 9999:  # the days beside it are asked for, too
                return hour
            wrong = "of the years 2 to 9998"
    raise ValueError(f'`timestamp` must be {wrong}. Received: ["{timestamp}"]')


def calendar(hour, settings):
    """Returns one of 24 hours, one of 7 weekdays, and holidays: a list of numbers."""
    days = [hour + datetime.timedelta(days=shift) for shift in (0, 1, -1)]
    of_day = [float(hour.hour == number) for number in range(24)]
    of_week = [float(hour.weekday() == number) for number in range(7)]
    holidays = [float(is_holiday(day, settings["holidays"])) for day in days]
    return of_day + of_week + holidays


def is_holiday(day, holidays):
    """Tells whether a day is one of `holidays`: month, first and last day, weekday.

    A weekday of -1 is any.

    >>> is_holiday(datetime.date(2018, 7, 4), [[7, 4, 4, -1]])
    True
    """
    return any(
        day.month == month
        and first <= day.day <= last
        and weekday in (-1, day.weekday())
        for month, first, last, weekday in holidays
    )
