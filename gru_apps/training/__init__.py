"""From a model and examples to a trained model.

- `examples`: datasets of arrays, lists and the like; `batching`: batches of like
  lengths; `fitting`: one `fit` for every model;
- `checkpoints`: what a training leaves on disk, to go on from; `snapshots`: files that
  are whole or not there; `locks`: one training in a folder; `passes` and
  `fingerprints`: whether data, settings and code are the same as before; `devices`:
  several of them, and several processes; `optimizers`: of which `fit` takes one;
  `building`: all variables, made before the first step;
- `losses`, `ctc` and `metrics` of sequences, which leave padding out; `shapes`: which
  targets and weights fit.
"""

import importlib

_HOMES = {
    "CTC": "ctc",
    "History": "checkpoints",
    "PinballLoss": "losses",
    "SequenceCrossEntropy": "losses",
    "TokenAccuracy": "metrics",
    "TokenCrossEntropy": "metrics",
    "batches": "batching",
    "fit": "fitting",
}
__all__ = sorted(_HOMES)


def __getattr__(name):
    # losses and metrics need Keras alone, whatever its backend; `fit` TensorFlow
    if name in _HOMES:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
        return getattr(home, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
