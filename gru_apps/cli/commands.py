"""The command line: runs notebooks, asks SavedModels, prepares corpora."""

import argparse
import importlib
import os
import pathlib
import sys

from gru_apps.cli import console, notebooks, questions, saved_models

# of `predict`; `questions.KINDS` says which model takes which
OPTIONS = [
    ("--seed", int, "(0)"),
    ("--temperature", float, "(1.0)"),
    ("--length", int, "characters (300)"),
    ("--top-p", float, "nucleus (1.0)"),
    ("--steps", int, "sixteenths (128)"),
    ("--primer", str, "a .mid file to go on from"),
    ("--out", str, "a .mid or .wav file to write"),
]


def main(arguments=None) -> int:
    """Runs one command and returns its exit code; errors are one line on stderr."""
    # before TensorFlow is imported, here and in the notebooks
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # not every terminal writes Chinese; a file or a pipe does, as stdin is read
    encoding = None if sys.stdout.isatty() else "utf-8"
    sys.stdout.reconfigure(encoding=encoding, errors="replace")
    asked = _parse(arguments)
    try:
        asked.command(asked)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not console.comes_from_outside(error):
            raise
        print(f"gru_apps: error: {console.sentence(error)}", file=sys.stderr)
        return 2
    return 0


def _parse(arguments):
    parser = _parser()
    asked, rest = parser.parse_known_args(arguments)
    # argparse takes no more inputs once an option stood between them
    end = rest.index("--") if "--" in rest else len(rest)
    options = [r for r in rest[:end] if r[:1] == "-" and " " not in r]
    if options or (rest and not hasattr(asked, "inputs")):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if rest:
        asked.inputs += rest[:end] + rest[end + 1 :]
    return asked


def _parser():
    parser = argparse.ArgumentParser(prog="python -m gru_apps", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, command, description):
        added = commands.add_parser(name, help=description, description=description)
        added.set_defaults(command=command)
        return added

    run = add("run", _run, "execute notebooks, and show their test metrics")
    run.add_argument("names", nargs="*", metavar="NAME", help="or a part; none: all")
    run.add_argument("--size", choices=notebooks.SIZES, default="default")

    data = add("data", _data, "fetch and prepare corpora ahead of time")
    data.add_argument("names", nargs="*", metavar="NAME", help="none: all")

    models = add("models", _models, "list the SavedModels")
    predict = add("predict", _predict, "ask a SavedModel")
    predict.add_argument("model", metavar="MODEL")
    predict.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="texts, or .wav or .csv files; none: stdin",
    )
    write = predict.add_argument_group("models that write or compose")
    for flag, kind, description in OPTIONS:
        write.add_argument(
            flag, type=kind, metavar="FILE" if kind is str else None, help=description
        )

    for command in (models, predict):
        command.add_argument("--json", action="store_true", help="an object per line")
        folder = notebooks.saved_models_folder("default")
        flags = ("--saved-models", "--folder")
        command.add_argument(*flags, metavar="DIR", type=pathlib.Path, default=folder)
    return parser


def _run(asked):
    folder = notebooks.saved_models_folder(asked.size)
    rows = []
    for path in notebooks.find_notebooks(asked.names):
        before = _saved_at(folder)
        seconds = f"{notebooks.execute(path, size=asked.size):.0f}"
        print(f"{path.stem}: {seconds} seconds", flush=True)
        saved = [item[0] for item in _saved_at(folder).items() - before.items()]
        described = [saved_models.describe(version) for version in sorted(saved)]
        for model in described or [{}]:
            name = model.get("name", "")
            rows.append([path.stem, seconds, name, _metrics(model)])
    console.print_table([["notebook", "seconds", "model", "test metrics"], *rows])


def _saved_at(folder):
    versions = saved_models.newest_versions(folder).values()
    paths = {version: saved_models.manifest_path(version) for version in versions}
    return {v: path.stat().st_mtime_ns for v, path in paths.items() if path.exists()}


def _models(asked):
    versions = saved_models.newest_versions(asked.saved_models).values()
    if not versions:
        raise FileNotFoundError(f"There are no SavedModels in {asked.saved_models}.")
    described = [saved_models.describe(version) for version in versions]
    if asked.json:
        return console.print_json(described)
    columns = ["name", "corpus", "metrics", "parameters", "megabytes"]
    columns.append("training_seconds")
    for model in described:
        model["corpus"] = model.get("corpus", {}).get("name", "")
        model["metrics"] = _metrics(model)
    rows = [[str(row.get(column, "")) for column in columns] for row in described]
    console.print_table([[column.replace("_", " ") for column in columns], *rows])


def _metrics(manifest):
    metrics = manifest.get("metrics", {}).items()
    single = [(k, v) for k, v in metrics if isinstance(v, int | float)]
    return ", ".join(f"{name} {number:.4g}" for name, number in single)


def _data(asked):
    console.import_tensorflow()
    builders = importlib.import_module("gru_apps.datasets").BUILDERS
    if unknown := [name for name in asked.names if name not in builders]:
        raise ValueError(
            f"No corpus is called {unknown[0]!r}. There are: {', '.join(builders)}"
        )
    for name in asked.names or builders:
        for config in builders[name].BUILDER_CONFIGS or [None]:
            builder = builders[name](config=config)
            already = builder.is_prepared()
            builder.download_and_prepare()
            splits = builder.info.splits.items()
            sizes = ", ".join(f"{k} {split.num_examples:,}" for k, split in splits)
            full_name = f"{name}/{config.name}" if config else name
            was_there = " (was there already)" if already else ""
            print(f"{full_name}: {sizes}{was_there}", flush=True)


def _predict(asked):
    console.import_tensorflow()
    questions.put(saved_models.load(asked.saved_models, asked.model), asked)
