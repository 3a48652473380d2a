"""From a model and examples to a trained model.

- `examples`: datasets of arrays, lists and the like; `batching`: batches of like
  lengths; `fitting`: one `fit` for every model;
- `checkpoints`: what a training leaves on disk, to go on from; `snapshots`: files that
  are whole or not there; `locks`: one training in a folder; `passes` and
  `fingerprints`: whether data, settings and code are the same as before;
- `losses`, `ctc` and `metrics` of sequences, which leave padding out; `shapes`: which
  targets and weights fit.
"""

from gru_apps.training.batching import batches
from gru_apps.training.checkpoints import History
from gru_apps.training.ctc import CTC
from gru_apps.training.fitting import fit
from gru_apps.training.losses import PinballLoss, SequenceCrossEntropy
from gru_apps.training.metrics import TokenAccuracy, TokenCrossEntropy

__all__ = [
    "CTC",
    "History",
    "PinballLoss",
    "SequenceCrossEntropy",
    "TokenAccuracy",
    "TokenCrossEntropy",
    "batches",
    "fit",
]
