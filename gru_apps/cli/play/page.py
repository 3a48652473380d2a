"""The tabs of the page, and its look."""

import importlib
import pathlib

import gradio as gr

from gru_apps.cli.play.asking import Models

FOLDER = pathlib.Path(__file__).parent
# by title, the module that builds it
TABS = {
    "One unit": "gru_apps.cli.play.one_unit",
    "Sentiment": "gru_apps.cli.play.sentiment",
    "Translation": "gru_apps.cli.play.translation",
    "Digits": "gru_apps.cli.play.digits",
    "Music": "gru_apps.cli.play.music",
    "Language": "gru_apps.cli.play.language",
    "Traffic": "gru_apps.cli.play.traffic",
    "Your own model": "gru_apps.cli.play.own_model",
}
MODELS = ("sentiment", "translation", "recognition", "speech", "music", "language")
MODELS += ("traffic",)
FORGET = (60, 540)  # seconds: how often, and how old, files of visitors are removed
ABOUT = """\
# Play with gated recurrent units

Seven trained networks answer what you type, say or draw, and show why. Nothing leaves \
the computer that serves this page; a recording or a file is deleted within ten minutes.
"""


def build(models: Models) -> gr.Blocks:
    """Builds the page, whose tabs ask the models."""
    with gr.Blocks(
        title="Play with gated recurrent units",
        analytics_enabled=False,
        delete_cache=FORGET,
    ) as page:
        gr.Markdown(ABOUT)
        with gr.Tabs():
            for title, name in TABS.items():
                with gr.Tab(title) as tab:
                    module = importlib.import_module(name)
                    module.build(models, tab)
    return page


def look() -> dict:
    """Returns how the page looks, as `launch` takes it: fonts of the computer alone."""
    fonts = ["system-ui", "sans-serif"], ["ui-monospace", "monospace"]
    theme = gr.themes.Base(
        primary_hue="zinc", neutral_hue="zinc", font=fonts[0], font_mono=fonts[1]
    )
    theme.set(
        body_text_color_subdued="#444",
        block_info_text_color="#444",
        block_title_text_color="#222",
        block_label_text_color="#222",
        link_text_color="#111",
        layout_gap="8px",
        block_padding="8px",
    )
    # one look, also where the system prefers a dark one
    for name in [name for name in vars(theme) if name.endswith("_dark")]:
        setattr(theme, name, getattr(theme, name.removesuffix("_dark"), None))
    return {"theme": theme, "css_paths": FOLDER / "page.css"}
