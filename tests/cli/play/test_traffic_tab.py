"""The tab of traffic, against the command line."""

import numpy as np
import pytest

from gru_apps.cli.play import editors

pytest.importorskip("gradio", reason="the page needs Gradio, of the extra `play`")


def test_every_example_is_answered(functions):
    from gru_apps.cli.play import traffic

    for week in traffic.EXAMPLES.values():
        said = functions["traffic.answer"](editors.as_value(week))
        assert "vehicles at eight in the morning" in said and "svg" in said


def test_a_week_is_answered_as_its_file_by_the_command_line(
    models, functions, predict, tmp_path
):
    import datetime

    from gru_apps.cli.play import traffic

    week = traffic.EXAMPLES["every third hour is missing"]
    path = tmp_path / "history.csv"
    lines = ["timestamp,traffic"]
    for hour, value in enumerate([*week, *week[:10]]):
        time = traffic.BEGIN + datetime.timedelta(hours=hour)
        lines.append(f"{time:%Y-%m-%d %H:%M},{'' if value is None else value}")
    path.write_text("\n".join(lines[:169]))
    asked = predict("traffic", path)
    said = traffic.forecast(models, week)
    for name in ("lower", "median", "upper", "timestamp"):
        assert said[name] == asked[name]
    shown = functions["traffic.answer_file"](str(path))
    assert f"{asked['median'][8]:.0f} vehicles at eight" in shown
    # a file that ends at another hour, and lacks the rows of others
    path.write_text("\n".join([*lines[:-40], *lines[-34:]]))
    asked = predict("traffic", path)
    (eight,) = (n for n, time in enumerate(asked["timestamp"]) if " 08:00" in time)
    assert eight != 8
    shown = functions["traffic.answer_file"](str(path))
    assert f"{asked['median'][eight]:.0f} vehicles at eight" in shown


def test_the_forecast_moves_with_the_level_of_the_week(models):
    from gru_apps.cli.play import traffic

    whole, half = (
        np.sum(traffic.forecast(models, traffic.EXAMPLES[name])["median"])
        for name in ("an ordinary week", "half of the traffic")
    )
    assert half < 0.9 * whole


@pytest.mark.parametrize(
    "strange", ["Monday is missing", "a storm on the last evening"]
)
def test_the_band_grows_where_a_week_is_strange(models, strange):
    from gru_apps.cli.play import traffic

    def width(name):
        said = traffic.forecast(models, traffic.EXAMPLES[name])
        return np.mean(np.subtract(said["upper"], said["lower"]))

    assert width(strange) > width("an ordinary week")
