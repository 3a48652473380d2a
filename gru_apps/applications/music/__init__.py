"""Chorales in four voices.

- `scores`: scores <-> cells <-> tokens; `midi`: scores <-> MIDI files;
- `synthesizer`: scores -> sound; `piano_roll`: scores -> pictures, imported by name;
- `corpus_checksum`: whether the corpus is the one that the figures are of;
- `keys`: the key of a piece; `contexts`: its key, phrases and end, for the model;
- `chorale_statistics`, `chorale_form`: numbers that tell good music from bad;
- `completing`: what is not given of a score; `composing`: the signatures of the
  SavedModel; `question`: how it is asked.
"""

from gru_apps.applications.music.composing import compose_music
from gru_apps.applications.music.contexts import (
    NUM_CONTEXTS,
    context_ids,
    fermatas,
)
from gru_apps.applications.music.keys import (
    key_from_name,
    key_name,
    key_of,
    transpose_key,
)
from gru_apps.applications.music.midi import read_midi, write_midi
from gru_apps.applications.music.scores import (
    FIRST_HELD_TOKEN,
    HIGHEST,
    HOLD,
    LOWEST,
    LOWEST_TOKEN,
    NUM_TOKENS,
    PAD,
    PAD_TOKEN,
    REST_TOKEN,
    START_TOKEN,
    VOICE_ORDER,
    VOICES,
    cells_from_score,
    cells_from_tokens,
    score_from_cells,
    tokens_from_cells,
    transpose,
)
from gru_apps.applications.music.synthesizer import synthesize

__all__ = [
    "FIRST_HELD_TOKEN",
    "HIGHEST",
    "HOLD",
    "LOWEST",
    "LOWEST_TOKEN",
    "NUM_CONTEXTS",
    "NUM_TOKENS",
    "PAD",
    "PAD_TOKEN",
    "REST_TOKEN",
    "START_TOKEN",
    "VOICES",
    "VOICE_ORDER",
    "cells_from_score",
    "cells_from_tokens",
    "compose_music",
    "context_ids",
    "fermatas",
    "key_from_name",
    "key_name",
    "key_of",
    "read_midi",
    "score_from_cells",
    "synthesize",
    "tokens_from_cells",
    "transpose",
    "transpose_key",
    "write_midi",
]
