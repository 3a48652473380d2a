"""One run of a notebook: its size, whether it trains, and where its files go."""

import contextlib
import os
import pathlib
import sys

import keras
import tensorflow as tf
import tensorflow_datasets as tfds

import gru_apps.datasets  # noqa: F401 registers the corpora
from gru_apps import training
from gru_apps.course import weights
from gru_apps.serving import export

SHIPPED = pathlib.Path("..", "saved_models")  # seen from the notebooks
SIZES = ("smoke", "default", "full")
QUICK = 60  # seconds that all trainings of a notebook take together, at most


class Lesson:
    """Holds what all cells of a notebook share, and does what is no lesson.

    `name` is that of the SavedModel, or of the notebook where it saves none. `size` is
    "smoke", "default" or "full". With `train`, models are trained; without, they get
    the weights that ship with the repository (none do of the smoke size, which is
    trained all the same); with "quick", they are trained for a minute in all, each part
    for half of what is left of it. All files go below `folder`, those of other sizes
    than the default, of quick trainings and of weights that were loaded into a folder
    in it, "smoke", "full", "quick" or "loaded": what ships, and what was trained, is
    never replaced by them. Raises `ValueError` for other values.
    """

    def __init__(self, name, *, size="default", train=True, seed=0, folder="../build"):
        if size not in SIZES:
            raise ValueError(f"`size` must be one of {SIZES}. Received: size={size!r}")
        if not (train is True or train is False or train == "quick"):
            raise ValueError(
                f'`train` must be True, False or "quick". Received: train={train!r}'
            )
        if train is False and size == "full":
            raise ValueError(
                "The weights that ship are those of the default size: set "
                '`train = True` for size = "full". Received: train=False'
            )
        self.name, self.size, self.seed = name, size, seed
        # nobody ships weights of a size that shows no more than that all runs
        self.train = True if size == "smoke" else train
        self.folder = pathlib.Path(folder)
        if size != "default" or train is not True:
            kind = {False: "loaded", "quick": "quick"}.get(train)
            self.folder /= size if size != "default" else kind
        self.seconds_left = float(QUICK)
        self._starts, self._fitted = {}, {}
        _use_one_style(sharp=size != "smoke")
        # graphs of smoke size run a few times, and are not worth being optimized
        options = {"disable_meta_optimizer": size == "smoke"}
        tf.config.optimizer.set_experimental_options(options)
        tf.get_logger().setLevel("ERROR")  # its remarks would stand among the results
        keras.utils.set_random_seed(seed)

    def choose(self, **by_size):
        """Returns what is given for this size: `choose(smoke=1, default=6, full=20)`.

        A size that is not named takes what the default has.
        """
        return by_size.get(self.size, by_size["default"])

    def fit(
        self, model, train, validation, *, part="model", **options
    ) -> training.History:
        """Trains a model by `training.fit`, or loads its weights, as the run has it.

        `part` names the model within the notebook; the weights are those of the best
        epoch. A cell that is run again begins with the weights of the first time.
        Returns the history of the training, that of the shipped weights too.
        Raises `FileNotFoundError` if no weights ship for that part.
        """
        if self.train is False:
            history = self._load(model, part)
            self._fitted[part] = model, weights.as_stored(model), history
            return history
        self._begin_anew(model, part)
        options = {"seed": self.seed, "verbose": self._verbose()} | options
        options["directory"] = self.folder / f"{self.name}-{part}"
        if self.train == "quick":
            return self._fit_quickly(model, train, validation, part, options)
        shipped = weights.read_history(self._path(SHIPPED, part))
        if shipped and self.size == "default":
            took = f"{shipped.seconds:.0f} seconds on two CPU cores"
            print(f"When the weights that ship were made, this took {took}.")
        history = training.fit(model, train, validation, **options)
        path = self._path(self.folder / "saved_models", part)
        weights.keep(model, history, path)
        self._fitted[part] = model, weights.as_stored(model), history
        return history

    def publish(self, signatures, *, tracked, examples, corpus, checksum=None, **about):
        """Saves the SavedModel, reloads and compares it, and returns its signatures.

        `signatures`, `tracked` and `examples` are those of `export_saved_model`.
        `corpus` is a name in TensorFlow Datasets, `checksum` that of a corpus that
        comes in no archive of its own. What else is given, `title`, `licence`,
        `metrics`, `seconds` of training, goes into the manifest. Prints what each
        signature takes and answers.
        """
        builder = tfds.builder(corpus)
        info = builder.info
        module = sys.modules[type(builder).__module__]
        archive = getattr(module, "ARCHIVE", None)  # of the package it came in
        manifest = {
            "task": self.name,
            "size": self.size,
            "corpus": {
                "name": info.name,
                "config": info.config_name,
                "version": str(info.version),
                "split_sizes": {n: s.num_examples for n, s in info.splits.items()},
                "checksum": checksum
                or (archive.sha256 if archive else "that of TensorFlow Datasets"),
            },
        }
        manifest |= {"training_seconds": round(about.pop("seconds"), 1)} | about
        path = self.folder / "saved_models" / self.name / "1"
        manifest, loaded = export.save_and_reload(
            path, signatures, tracked=tracked, manifest=manifest, examples=examples
        )
        places = export.places_of_weights(tracked)
        weights.leave_to_saved_model(path, self._fitted, places)
        for name, signature in sorted(manifest["signatures"].items()):
            sides = (", ".join(sorted(signature[s])) for s in ("inputs", "outputs"))
            print(f"{name}: {' -> '.join(sides)}")
        answers = dict(loaded.signatures)
        answers["serving_default"].loaded = loaded  # keeps its variables alive
        return answers

    def _begin_anew(self, model, part):
        if model.built:
            before, start = self._starts.get(part, (None, None))
            if before is model:
                model.set_weights(start)
            else:
                self._starts[part] = model, model.get_weights()

    def _verbose(self):
        # a bar where somebody watches, a line an epoch in what is kept
        return 2 if "GRU_APPS_FINISHED" in os.environ else 1

    def _path(self, root, part):
        return root / self.name / "weights" / part

    def _load(self, model, part):
        path = self._path(SHIPPED, part)
        history = weights.read_history(path)
        if history is None:
            raise FileNotFoundError(
                f"There are no weights in {path}: set `train = True` above."
            )
        weights.load(model, path)
        print(f"Loaded weights of {history.seconds:.0f} seconds of training.")
        return history

    def _fit_quickly(self, model, train, validation, part, options):
        options["directory"] = options["directory"].with_name(f"{self.name}-quick")
        seconds = max(1.0, self.seconds_left / 2)  # the next parts take some, too
        history = training.fit(model, train, validation, seconds=seconds, **options)
        self.seconds_left -= history.seconds
        shipped = weights.read_history(self._path(SHIPPED, part))
        loss = options.get("monitor", "val_loss")
        print(f"After {history.seconds:.0f} seconds {loss} is {history[loss][-1]:.3f}.")
        if shipped:
            best = min(shipped[loss])
            print(f"After all {shipped.seconds:.0f} seconds it was {best:.3f}.")
        return history


def _use_one_style(sharp):
    """Gives all figures of a notebook one style; if `sharp`, 200 dots per inch."""
    import seaborn as sns

    sns.set_theme("notebook", "whitegrid", font_scale=0.8)
    with contextlib.suppress(ImportError):  # outside a notebook
        from IPython import get_ipython
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        if sharp and get_ipython():
            set_matplotlib_formats("retina")
