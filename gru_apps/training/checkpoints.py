"""What a training leaves on disk after each epoch, to go on from if it is killed."""

import hashlib
import json
import os
import re
import time
import warnings

import h5py
import keras
import numpy as np

_LIST = "GRU_APPS_FINISHED"  # which file lists finished checkpoints, set by `notebooks`
_finished = set()  # by this process: where `fit` is called again, it trains anew


class History(dict):
    """What each epoch measured, a list by name; `seconds` is what all of them took."""

    seconds = 0.0


class Progress(keras.callbacks.EarlyStopping):
    """Early stopping that outlives a kill, with all else that a run goes on from.

    One file holds the weights and the optimizer as Keras writes them, the best
    weights, and the rest as JSON; it replaces the last one in a single step.
    """

    def __init__(self, path, swap, monitor, patience, mode="auto"):
        super().__init__(
            monitor, patience=patience, mode=mode, restore_best_weights=True
        )
        self.path, self.swap = path.absolute(), swap
        self.finished = self.path.with_name("finished.weights.h5")
        self.history, self.restored = History(), {}

    def restore(self, model, **arguments) -> int:
        """Loads the checkpoint, if there is one, and returns the first epoch to do."""
        # but for what differs each time a model is built: numbers in names, addresses
        config = re.sub(r'_\d+(?=")|"shared_object_id": \d+', "", model.to_json())
        arguments["model"] = hashlib.sha256(config.encode()).hexdigest()
        self.arguments = arguments | {
            "monitor": self.monitor,
            "patience": self.patience,
            "mode": self.mode,
        }
        anew = _LIST not in os.environ or self.finished in _finished
        path = self.path if anew or not self.finished.exists() else self.finished
        if not path.exists():
            return 0
        try:
            with h5py.File(path) as file:
                state = json.loads(file["progress/json"][()])
                best = [file[f"progress/{i}"][()] for i in range(state["best_weights"])]
            found = state["arguments"].get
            other = [name for name, v in self.arguments.items() if found(name) != v]
            trouble = other and f"belongs to a run with other {', '.join(other)}"
        except (OSError, KeyError, ValueError) as error:
            trouble = f"is damaged ({error})"
        if trouble:
            message = f"{path} {trouble}: this run starts anew and will replace it."
            warnings.warn(message, stacklevel=3)
            return 0
        model.optimizer.build(model.trainable_variables)
        model.load_weights(path)
        self.history.update(state["history"])
        self.history.seconds = state.get("seconds", 0.0)
        self.restored = state["early_stopping"] | {"best_weights": best}
        return self.arguments["epochs"] if state["stopped"] else state["epoch"]

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)  # which forgets the best
        vars(self).update(self.restored)
        self.weights_before, self.trouble = self.model.get_weights(), ""

    def on_epoch_begin(self, epoch, logs=None):
        self.begun, self.begun_epoch = time.monotonic(), epoch
        weights = {id(variable) for variable in self.model.weights}
        seeds = [v for v in self.model.variables if id(v) not in weights]  # of dropout
        for index, variable in enumerate(seeds):
            key = [self.arguments["seed"], epoch, index]
            variable.assign([int(np.random.SeedSequence(key).generate_state(1)[0]), 0])

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch, logs)
        loss = float((logs or {}).get("loss", 0.0))
        if not np.isfinite(loss):  # no step from here leads back
            self.model.stop_training = True
            where = f"step {batch + 1} of epoch {self.begun_epoch + 1}"
            self.trouble = self.trouble or f"The loss was {loss} at {where}"

    def on_epoch_end(self, epoch, logs=None):
        if not self.trouble:
            super().on_epoch_end(epoch, logs)
        elif self.best_weights is None:
            self.best_weights = self.weights_before
        for name, value in logs.items():
            self.history.setdefault(name, []).append(value)
        if self.swap:  # the best weights are averages, those to go on with are not
            self.swap.on_epoch_begin(epoch + 1)
        self.history.seconds += time.monotonic() - self.begun
        names = ["best", "best_epoch", "wait", "stopped_epoch"]
        state = {
            "arguments": self.arguments,
            "epoch": epoch + 1,
            "stopped": self.model.stop_training,
            "history": self.history,
            "seconds": self.history.seconds,
            "best_weights": len(self.best_weights or ()),
            "early_stopping": {name: getattr(self, name) for name in names},
        }
        if not self.trouble:  # the last checkpoint is the better one
            self._write(state)

    def _write(self, state):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_name("unfinished.weights.h5")
        self.model.save_weights(unfinished)
        with h5py.File(unfinished, "a") as file:
            file["progress/json"] = json.dumps(state)
            for index, weight in enumerate(self.best_weights or ()):
                file[f"progress/{index}"] = weight
        os.replace(unfinished, self.path)

    def on_train_end(self, logs=None):
        super().on_train_end(logs)
        if self.trouble:
            best = "the beginning" if self.best is None else "the best epoch"
            message = f"{self.trouble}: training stops, with the weights of {best}."
            warnings.warn(message, stacklevel=2)
            return self.path.unlink(missing_ok=True)
        if _LIST not in os.environ:
            return self.path.unlink(missing_ok=True)
        if self.path.exists():
            os.replace(self.path, self.finished)
        _finished.add(self.finished)
        with open(os.environ[_LIST], "a", encoding="utf-8") as file:
            file.write(f"{self.finished}\n")
