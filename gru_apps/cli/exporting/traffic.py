"""What of a SavedModel that forecasts runs elsewhere: the forecaster of a week."""

import keras
import numpy as np

from gru_apps import models
from gru_apps.applications.traffic import forecasts, series

LENGTH, HORIZON = 168, 24  # hours
_STAMPS = np.datetime64("2018-06-30T00", "h") + np.arange(LENGTH)
SIGNATURE = "serving_default"
QUESTION = {
    "timestamp": [[str(stamp).replace("T", " ") + ":00:00" for stamp in _STAMPS]],
    "traffic": [(3000 + 2000 * np.sin(np.arange(LENGTH) / 4)).tolist()],
    "temperature": [[290.0] * (LENGTH - 2) + [float("nan")] * 2],
    "clouds": [[40.0] * LENGTH],
    "weather": [["Clouds", "Rain", ""] * (LENGTH // 3)],
}


def networks(trained):
    """Returns the network by its name, with an example of its inputs."""
    model = trained.build("forecaster", _forecaster)
    # of fixed lengths, since LiteRT needs to know where the future begins
    history = keras.Input((LENGTH, series.FEATURE_DIM), name="history")
    calendar = keras.Input((LENGTH + HORIZON, series.CALENDAR_DIM), name="calendar")
    inputs = {"history": history, "calendar": calendar}
    view = keras.Model(inputs, {"quantiles": model(inputs)}, name="forecast")
    known = np.full((1, LENGTH, series.FEATURE_DIM), 1000, "float32")
    known[:, 7], known[:, -2:, 1] = np.nan, np.nan
    example = {
        "history": known,
        "calendar": np.zeros((1, LENGTH + HORIZON, series.CALENDAR_DIM), "float32"),
    }
    return {"forecaster": (view, example)}


def _forecaster(shapes):
    # the kernel of the hidden layer has a column for each unit
    units, number = shapes[-5][0], shapes[-4][0]
    quantiles = np.linspace(0, 1, number + 2)[1:-1]  # which they are, it has learned
    return models.build_forecaster(
        series.FEATURE_DIM,
        series.CALENDAR_DIM,
        HORIZON,
        quantiles=quantiles.tolist(),
        units=units,
    )


def encoding(trained):
    """Returns the plain data that a history is read with."""
    return {
        "length": LENGTH,
        "horizon": HORIZON,
        "limits": forecasts.LIMITS,
        "weather": series.WEATHER,
        "holidays": series.HOLIDAYS.tolist(),
        "columns": series.COLUMNS,
    }
