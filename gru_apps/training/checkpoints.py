"""What a training leaves on disk after each epoch, to go on from if it is killed."""

import os
import time
import warnings
from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from gru_apps.training.passes import Watched, digest_of_pass, skip_passes
from gru_apps.training.snapshots import DamagedError, read_snapshot, write_snapshot

_LIST = "GRU_APPS_FINISHED"  # which file lists finished checkpoints, set by `notebooks`
_finished = set()  # by this process: where `fit` is called again, it trains anew


class History(dict):
    """What each epoch measured, a list by name; `seconds` is what all of them took."""

    seconds = 0.0


class Progress(keras.callbacks.EarlyStopping):
    """Early stopping that outlives a kill, with all else that a run goes on from.

    One file holds the model's and the optimizer's variables, the best weights, what the
    run was called with, and digests of the data of its first epoch; it replaces the
    last one in a single step. Of several processes one `writes`, and all go on.
    """

    def __init__(self, path, swap, monitor, patience, mode="auto", *, writes=True):
        super().__init__(
            monitor, patience=patience, mode=mode, restore_best_weights=True
        )
        self.path, self.swap, self.writes = path.absolute(), swap, writes
        self.finished = self.path.with_name("finished.weights.h5")
        for file in (self.path, self.finished):
            if file.is_dir():
                raise ValueError(
                    "A directory stands where a checkpoint is written. "
                    f"Received: directory={path.parent}, which holds {file.name}"
                )
        self.history, self.restored = History(), {}

    def restore(self, model, data: Mapping, arguments, unknown, *, redraw=()) -> int:
        """Loads the checkpoint, if there is one, and returns the first epoch to do.

        `data` holds the datasets "train" and "validation". After it, each is as if the
        epochs that are done had gone through it here; `redraw` names those of which a
        pass must be gone through for that. `unknown` could not be compared.
        """
        self.arguments = arguments
        self.data, self.drawn = dict(data), dict.fromkeys(data, 0)
        self.watched = {name: Watched(dataset) for name, dataset in data.items()}
        anew = _LIST not in os.environ or self.finished in _finished
        path = self.path if anew or not self.finished.exists() else self.finished
        if not path.exists():
            return 0
        try:
            state, arrays = read_snapshot(path)
            trouble = self._difference(model, state, arrays)
            trouble = trouble or self._other_data(state, redraw)
        except (DamagedError, KeyError, TypeError) as error:
            trouble = f"is damaged ({error})"
        if trouble:
            message = f"{path} {trouble}: this run starts anew and will replace it."
            warnings.warn(message, stacklevel=3)
            return 0
        if unknown:
            warnings.warn(
                f"{path} is gone on from, though it cannot be told whether these are "
                f"the same as before: {', '.join(unknown)}.",
                stacklevel=3,
            )
        for kind, variables in _variables(model).items():
            for variable, array in zip(variables, arrays[kind], strict=True):
                variable.assign(array)
        self.history.update(state["history"])
        self.history.seconds = state["seconds"]
        best = arrays["best"] or None
        self.restored = state["early_stopping"] | {"best_weights": best}
        self.digests = state["data"]
        return self.arguments["epochs"] if state["stopped"] else state["epoch"]

    def _difference(self, model, state, arrays):
        found = state["arguments"].get
        other = [name for name, v in self.arguments.items() if found(name) != v]
        if other:
            return f"belongs to a run with other {', '.join(other)}"
        if not model.built:
            return "is of a model that can be built from its first batch alone"
        model.optimizer.build(model.trainable_variables)
        for kind, variables in _variables(model).items():
            if [a.shape for a in arrays[kind]] != [tuple(v.shape) for v in variables]:
                return "belongs to a run with other weights"
        if any(np.isnan(a).any() for group in arrays.values() for a in group):
            return "holds weights that are NaN"

    def _other_data(self, state, redraw):
        """Compares the first epoch's data, and goes past those of the others."""
        for name, dataset in self.data.items():
            skip_passes(dataset, state["drawn"][name], whole=name in redraw)
            self.drawn[name] = state["drawn"][name] + 1
            if digest_of_pass(dataset) != state["data"][name]:
                return (
                    f"belongs to a run with other {name} data, or they come in another "
                    f"order, as they do where they are shuffled without a seed"
                )
        for name, dataset in self.data.items():
            passes = state["epoch"]
            # with TensorFlow, Keras validates with every other pass, if it knows how
            # many batches there are
            known = dataset.cardinality() != tf.data.UNKNOWN_CARDINALITY
            known = known and keras.backend.backend() == "tensorflow"
            if name == "validation" and known and name not in redraw:
                passes *= 2
            skip_passes(dataset, passes - 1, whole=name in redraw)
        self.drawn = state["drawn"]
        self.watched = {}

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)  # which forgets the best
        vars(self).update(self.restored)
        self.weights_before, self.trouble = self.model.get_weights(), ""

    def on_epoch_begin(self, epoch, logs=None):
        self.begun, self.begun_epoch = time.monotonic(), epoch
        weights = {id(variable) for variable in self.model.weights}
        seeds = [v for v in self.model.variables if id(v) not in weights]  # of dropout
        for index, variable in enumerate(seeds):
            # PyTorch has none without a sign
            most = np.iinfo(keras.backend.standardize_dtype(variable.dtype)).max
            variable.assign([self._drawn(epoch, index) % (int(most) + 1), 0])

    def on_train_batch_begin(self, batch, logs=None):
        super().on_train_batch_begin(batch, logs)
        if not batch and keras.backend.backend() == "torch":
            import torch

            # it drops out without seeds; where an epoch begins, loaders still draw
            torch.manual_seed(self._drawn(self.begun_epoch))

    def _drawn(self, *key):
        key = [self.arguments["seed"], *key]
        return int(np.random.SeedSequence(key).generate_state(1)[0])

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        loss = float((logs or {}).get("loss", 0.0))
        if not np.isfinite(loss):  # no step from here leads back
            self.model.stop_training = True
            where = f"step {batch + 1} of epoch {self.begun_epoch + 1}"
            self.trouble = self.trouble or f"The loss was {loss} at {where}"

    def on_epoch_end(self, epoch, logs=None):
        self._take_digests()
        if not self.trouble and self.monitor not in logs:
            # or Keras would keep the weights of the last epoch
            raise ValueError(
                f"`monitor` must be one of {', '.join(logs)}. "
                f"Received: monitor={self.monitor}"
            )
        if self.best is not None and np.isnan(self.best):
            self.best = None  # or no number would be better
        if not self.trouble:
            super().on_epoch_end(epoch, logs)
        elif self.best_weights is None:
            self.best_weights = self.weights_before
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if self.swap:  # the best weights are averages, those to go on with are not
            self.swap.on_epoch_begin(epoch + 1)
        self.history.seconds += time.monotonic() - self.begun
        if self.writes and not self.trouble:  # the last checkpoint is the better one
            self._write(epoch)

    def _take_digests(self):
        if self.watched:
            self.digests = {name: w.digest() for name, w in self.watched.items()}
            if not self.digests["validation"]:
                raise ValueError("`validation` must have batches. Received: none")

    def _write(self, epoch):
        names = ["best", "best_epoch", "wait", "stopped_epoch"]
        state = {
            "arguments": self.arguments,
            "data": self.digests,
            "drawn": self.drawn,
            "epoch": epoch + 1,
            "stopped": self.model.stop_training,
            "history": self.history,
            "seconds": self.history.seconds,
            "early_stopping": {name: getattr(self, name) for name in names},
        }
        arrays = {
            kind: [keras.ops.convert_to_numpy(v) for v in variables]
            for kind, variables in _variables(self.model).items()
        }
        arrays["best"] = self.best_weights or []
        write_snapshot(self.path, state, arrays)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        if self.trouble:
            best = "the beginning" if self.best is None else "the best epoch"
            message = f"{self.trouble}: training stops, with the weights of {best}."
            warnings.warn(message, stacklevel=2)
            return self._remove()
        if self.best is not None and np.isnan(self.best):
            message = f"`{self.monitor}` was NaN in every epoch: none is the best."
            warnings.warn(message, stacklevel=2)
        if _LIST not in os.environ or not self.writes:
            return self._remove()
        if self.path.exists():
            os.replace(self.path, self.finished)
        _finished.add(self.finished)
        with open(os.environ[_LIST], "a", encoding="utf-8") as file:
            file.write(f"{self.finished}\n")

    def _remove(self):
        if self.writes:
            self.path.unlink(missing_ok=True)

    def datasets(self) -> dict[str, tf.data.Dataset]:
        """Returns the data to train with, watched if the run begins here."""
        return self.data | {name: w.dataset for name, w in self.watched.items()}


def _variables(model):
    return {"model": model.variables, "optimizer": model.optimizer.variables}
