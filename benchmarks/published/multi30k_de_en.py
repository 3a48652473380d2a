"""Captions of photographs, from German into English: `multi30k_de_en [SEED ...]`

See `_captions` for corpus and protocol. The published models read lower-cased words of
spaCy, those that stand twice or more, and answer greedily; their BLEU counts these
words.
"""

import functools

from benchmarks.published import _captions
from benchmarks.published._comparison import compare

LANGUAGES = "de", "en"
PUBLISHED = {
    "Transformer, 9.0M parameters (bentrevett)": 36.52,
    "GRU with attention, 20.5M parameters (bentrevett)": 28.3,
    "GRU without attention, 14.2M parameters (bentrevett)": 20.6,
}

train = functools.partial(_captions.train, *LANGUAGES)
score = functools.partial(_captions.score, *LANGUAGES)
main = functools.partial(
    compare,
    "multi30k_de_en",
    train,
    score,
    figure="BLEU on test2016, higher is better",
    published=PUBLISHED,
    best=max,
)
