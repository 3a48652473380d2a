"""Captions of photographs, from English into German: `multi30k_en_de [SEED ...]`

See `_captions` for corpus and protocol. The published models read lower-cased Moses
tokens with a joint byte-pair encoding of 10,000; their BLEU counts these tokens.
"""

import functools

from benchmarks.published import _captions
from benchmarks.published._comparison import compare

LANGUAGES = "en", "de"
PUBLISHED = {
    "cGRU, best of five (LIUM-CVC, WMT17)": 39.0,
    "cGRU, mean of five (LIUM-CVC, WMT17)": 38.1,
    "Transformer, beam of 5 (Wu et al. 2021)": 41.02,
}

train = functools.partial(_captions.train, *LANGUAGES)
score = functools.partial(_captions.score, *LANGUAGES)
main = functools.partial(
    compare,
    "multi30k_en_de",
    train,
    score,
    figure="BLEU on test2016, higher is better",
    published=PUBLISHED,
    best=max,
)
