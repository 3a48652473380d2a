"""Captions of photographs, from German into English: `multi30k_de_en [SEED ...]`

See `_captions` for corpus and protocol. The published models read lower-cased words of
spaCy, those that stand twice or more, and answer greedily; their BLEU counts these
words.
"""

from benchmarks.published import _captions

OURS = _captions.Captions(("de", "en"))
PUBLISHED = {
    "Transformer, 9.0M parameters (bentrevett)": 36.52,
    "GRU with attention, 20.5M parameters (bentrevett)": 28.3,
    "GRU without attention, 14.2M parameters (bentrevett)": 20.6,
}


def main(**asked):
    """Compares ours with what is published."""
    OURS.compare("multi30k_de_en", PUBLISHED, **asked)
