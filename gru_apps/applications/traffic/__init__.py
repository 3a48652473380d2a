"""The traffic of the next day, from that of a week.

- `series`: time stamps, their calendar, and windows; `histories`: those in CSV files;
- `comparisons`: rules that cost nothing, and trees;
- `forecasts`: the signature of the SavedModel; `question`: how it is asked.
"""

from gru_apps.applications.traffic.forecasts import forecast_traffic

__all__ = ["forecast_traffic"]
