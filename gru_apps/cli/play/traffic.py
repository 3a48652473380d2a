"""The traffic of the next day: a week of history that one edits."""

import csv
import datetime
import os
import tempfile

import gradio as gr
import numpy as np

from gru_apps.cli.play import drawings, editors, limits, tabs

HOURS, SHOWN, AHEAD = 168, 48, 24
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HIGHEST = 8000.0  # vehicles an hour
BEGIN = datetime.datetime(2018, 5, 7)  # a Monday
# made up, by the hour of an ordinary weekday and of a Saturday or Sunday
_WEEKDAY = (600, 400, 300, 350, 800, 2600, 5000, 5900, 5300, 4700, 4400, 4600)
_WEEKDAY += (4800, 4900, 5300, 5900, 6300, 5900, 4700, 3600, 3000, 2700, 2100, 1300)
_WEEKEND = (1300, 900, 650, 450, 500, 800, 1300, 1900, 2700, 3500, 4200, 4500)
_WEEKEND += (4700, 4600, 4500, 4500, 4500, 4300, 3900, 3300, 2900, 2500, 2000, 1400)


def ordinary_week() -> list[float]:
    """Returns a made-up week of vehicles an hour, `(168,)`, from Monday to Sunday."""
    return [float(v) for v in 5 * _WEEKDAY + 2 * _WEEKEND]


def _changed(hours, change):
    week = ordinary_week()
    for hour in hours:
        week[hour] = change(week[hour])
    return week


EXAMPLES = {
    "an ordinary week": ordinary_week(),
    "Monday is missing": _changed(range(24), lambda v: None),
    "Sunday is missing": _changed(range(144, 168), lambda v: None),
    "every third hour is missing": _changed(range(0, 168, 3), lambda v: None),
    "half of the traffic": _changed(range(168), lambda v: v / 2),
    "a storm on the last evening": _changed(range(160, 168), lambda v: v / 10),
}


def forecast(models, hours: list) -> dict:
    """Asks what follows a week of hours, as `predict traffic` asks of a CSV file."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "history.csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["timestamp", "traffic"])
            for hour, value in enumerate(hours):
                time = BEGIN + datetime.timedelta(hours=hour)
                rows.writerow(
                    [f"{time:%Y-%m-%d %H:%M}", "" if value is None else value]
                )
        (answer,) = models.answers("traffic", [path])
    return answer


def _drawn(history, answer):
    """Draws the last two days of a history, and the day that follows."""
    recent = [np.nan if v is None else v for v in history[-SHOWN:]]
    number, gap = len(recent) + AHEAD, [np.nan] * len(recent)
    top = max([HIGHEST / 2, *np.nan_to_num(recent), *answer["upper"]])
    high = float(np.ceil(top / 1000) * 1000)
    width, left, height = 640, 50, 190
    axes = drawings.Axes(left, 34, width - left - 8, height, number, 0, high)
    edge = axes.x(len(recent) - 0.5)
    span = axes.width * AHEAD / number
    future = drawings.Axes(edge, 34, span, height, AHEAD, 0, high)
    parts = [
        drawings.legend(left, 16, {"history": "black", "forecast (median)": "grey"}),
        axes.frame("", (0, high / 2, high)),
        future.band(answer["lower"], answer["upper"]),
        axes.line(recent),
        axes.line(gap + answer["median"], "grey"),
        f'<line x1="{edge:.1f}" x2="{edge:.1f}" y1="34" y2="{34 + height}" '
        'class="grid"/>',
    ]
    names = ("the 24 hours before", "the last 24 hours", "the next 24 hours")
    for day, name in enumerate(names):
        x = axes.x(24 * day + 11.5)
        parts.append(drawings.text(x, 52 + height, name, anchor="middle"))
    eight = [time[11:13] for time in answer["timestamp"]].index("08")
    wide = np.mean(np.subtract(answer["upper"], answer["lower"]))
    said = (
        f"The forecast of 24 hours: {answer['median'][eight]:.0f} vehicles at eight in "
        f"the morning, and a band that is {wide:.0f} vehicles wide on average."
    )
    picture = drawings.picture(width, 62 + height, parts, said)
    return picture + f'<p class="label">{said}</p>'


class _Asked:
    """What the curve and the file ask; each returns HTML."""

    def __init__(self, models):
        self.models = models

    @limits.answered()
    def answer(self, curve):
        """Draws what follows the week of the curve."""
        hours = editors.values_of(curve, HOURS, 0, HIGHEST)
        return _drawn(hours, forecast(self.models, hours))

    @limits.answered()
    def answer_file(self, path):
        """Draws what follows the history in a CSV file."""
        from gru_apps.applications.traffic import series

        path = limits.checked_file(path, "CSV file")
        columns = series.read_csv(path)
        (said,) = self.models.answers("traffic", [path])
        hours = series.hours_from_text(columns["timestamp"]).numpy()
        places = hours - hours.max() + SHOWN - 1
        known = np.full(SHOWN, np.nan)  # where there is no row, there is no line
        known[places[places >= 0]] = columns["traffic"][places >= 0]
        return _drawn(known.tolist(), said)


def build(models, tab) -> None:
    """Builds the tab."""
    tabs.heading(
        "Drag hours of the week up and down, or below the axis (Delete) to make them "
        "missing.",
        "The forecast is that of the next Monday: its band grows where the last Monday "
        "is missing, or where the week ends as none does.",
        ("07_time_series", "Play: hide the last hours"),
        ("07_time_series", "And when the sensor fails?"),
    )
    buttons = tabs.examples(list(EXAMPLES), "Examples (made up)")
    options = {"low": 0, "high": HIGHEST, "step": 50, "names": DAYS, "missing": True}
    curve = editors.curve(ordinary_week(), label="vehicles in hour", **options)
    asked, drawn = _Asked(models), gr.HTML(container=False)
    with gr.Accordion("Your own history as a CSV file", open=False):
        file = gr.File(label="CSV, 20 MB at most", type="filepath", height=120)
        read = gr.HTML(container=False)
    tabs.answer_to([curve.change, tab.select], asked.answer, [curve], [drawn])
    tabs.answer_to([file.upload], asked.answer_file, [file], [read])
    rows = [(editors.as_value(week),) for week in EXAMPLES.values()]
    tabs.fill(buttons, rows, [curve], asked.answer, [drawn])
