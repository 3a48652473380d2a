"""Raw input to numbers and back, in the TensorFlow graph.

- `text`: texts <-> token ids, of characters, words or subwords; `exact_text`: the same,
  byte for byte; `pieces`: what words are made of; `arguments`: what tokenizers are
  given; `subword_dropout`: words of training cut in other ways;
- `audio`: waveforms -> MFCC frames; `sound_files`: WAV, FLAC, OGG and MP3 files <->
  waveforms; `augmentation`: changes of frames; `noises`: noises as frames.

An application's own kind of data is encoded in its folder of `applications`.
"""

from gru_apps.encoding.exact_text import ExactTokenizer, learn_exact_tokenizer
from gru_apps.encoding.subword_dropout import SubwordDropout
from gru_apps.encoding.text import Tokenizer, learn_tokenizer

__all__ = [
    "ExactTokenizer",
    "SubwordDropout",
    "Tokenizer",
    "learn_exact_tokenizer",
    "learn_tokenizer",
]
