"""Draws the picture of the README from the committed translation model.

python benchmarks/picture.py
"""

import tensorflow as tf
from pypinyin import lazy_pinyin

from gru_apps.inspection import plots


def main():
    model = tf.saved_model.load("saved_models/translation/1")
    asked = tf.constant(["他昨天去了北京"])
    seen = model.signatures["attention"](text=asked)
    characters = [token.decode() for token in seen["source_tokens"][0].numpy()]
    written = [token.decode() for token in seen["target_tokens"][0].numpy()]
    readings = [lazy_pinyin(character)[0] for character in characters]
    figure = plots.plot_attention(readings, written, seen["weights"][0].numpy())
    figure.savefig("notebooks/attention.png", dpi=100, bbox_inches="tight")


if __name__ == "__main__":
    main()
