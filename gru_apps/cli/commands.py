"""The command line: runs notebooks, asks SavedModels, prepares corpora."""

import argparse
import contextlib
import os
import pathlib
import sys

from gru_apps.cli import (
    console,
    corpora,
    interrupts,
    notebooks,
    options,
    questions,
    saved_models,
    streams,
)


def main(arguments=None) -> int:
    """Runs one command and returns its exit code; errors are one line on stderr.

    0 is for success, 2 for errors, 141 for a pipe that nobody reads, and 130 for
    Ctrl-C, which is how `play` ends: there it is 0.
    """
    # before TensorFlow is imported, here and in the notebooks
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        streams.prepare()
        asked = _parse(arguments)
        # a process of our own may end at once; notebooks have kernels to stop first
        at_once = arguments is None and asked.command in (_predict, _models)
        with interrupts.end_the_process() if at_once else contextlib.nullcontext():
            code = asked.command(asked) or 0
            sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        streams.finish()
        return 141
    except KeyboardInterrupt:
        return interrupts.EXIT_CODE
    except Exception as error:
        if not console.comes_from_outside(error):
            raise
        streams.complain(console.sentence(error))
        streams.finish()
        return 2


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


class _Parser(argparse.ArgumentParser):
    def print_help(self, file=None):
        # argparse would say nothing of a disk that is full
        streams.write_raw(self.format_help().rstrip("\n"))


def _parser():
    parser = _Parser(prog="python -m gru_apps", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, command, description):
        added = commands.add_parser(name, help=description, description=description)
        added.set_defaults(command=command)
        return added

    run = add("run", _run, "execute notebooks, and show their test metrics")
    run.add_argument("names", nargs="*", metavar="NAME", help="or a part; none: all")
    run.add_argument("--size", choices=notebooks.SIZES, default="default")
    trained = run.add_mutually_exclusive_group()
    trained.add_argument(
        "--without-training",
        dest="train",
        action="store_false",
        help="load the weights that ship with the repository (--size default)",
    )
    trained.add_argument(
        "--quick",
        dest="train",
        action="store_const",
        const="quick",
        help="train each notebook's models for a minute in all",
    )
    run.set_defaults(train=True)
    at_once = {"metavar": "NUMBER", "type": options.integer, "default": 1}
    run.add_argument("--at-once", **at_once, help="notebooks side by side (1)")

    promote = add("promote", _promote, "keep what `run` has put into build/")
    promote.add_argument("names", nargs="*", metavar="NAME", help="none: all")
    promote.add_argument(
        "--without-training",
        dest="train",
        action="store_false",
        help="what `run --without-training` has put there",
    )

    data = add("data", _data, "fetch and prepare corpora ahead of time")
    full = "none: all that the course needs"
    data.add_argument("names", nargs="*", metavar="NAME", help=full)

    add("check", _check, "tell whether this computer is ready for the course")
    workshop = add("workshop", _workshop, "write handouts for students and teachers")
    workshop.add_argument("folder", metavar="FOLDER", type=options.folder)
    kit = add("kit", _kit, "fill a folder for a room without a network")
    kit.add_argument("folder", metavar="FOLDER", type=options.folder)
    names = ["linux", "macos", "windows"]
    kit.add_argument("--platforms", nargs="+", choices=names, default=names)
    kit.add_argument("--python", metavar="VERSION", default="3.12")

    play = add("play", _play, "open a page on which the networks answer")
    play.add_argument("--host", default="127.0.0.1", help="(127.0.0.1: nobody else)")
    play.add_argument("--port", type=options.integer, default=7860, help="(7860)")
    play.add_argument("--no-browser", dest="open_browser", action="store_false")

    models = add("models", _models, "list the SavedModels")
    predict = add("predict", _predict, "ask a SavedModel")
    predict.add_argument("model", metavar="MODEL")
    predict.add_argument(
        "inputs",
        nargs="*",
        metavar="INPUT",
        help="texts, or sound or .csv files; none: stdin",
    )
    write = predict.add_argument_group("models that write or compose")
    options.add(write)

    export = add("export", _export, "write trained networks for LiteRT or ONNX")
    options.add_to_export(export)

    for command in (models, predict):
        command.add_argument("--json", action="store_true", help="an object per line")
    for command in (models, predict, play, export):
        folder = pathlib.Path("saved_models")
        flags = ("--saved-models", "--folder")
        command.add_argument(*flags, metavar="DIR", type=pathlib.Path, default=folder)
    return parser


def _run(asked):
    folder = notebooks.output_folder(asked.size, asked.train) / "saved_models"
    before = _saved_at(folder)
    paths = notebooks.find_notebooks(asked.names)
    how = {"size": asked.size, "train": asked.train, "at_once": asked.at_once}
    for path, seconds in notebooks.execute_all(paths, **how):
        streams.write(f"{path.stem}: {seconds:.0f} seconds")
    saved = sorted(item[0] for item in _saved_at(folder).items() - before.items())
    models = [saved_models.describe(version) for version in saved]
    rows = [[model["name"], saved_models.metrics_of(model)] for model in models]
    if rows:
        console.print_table([["model", "test metrics"], *rows])


def _promote(asked):
    for path in notebooks.find_notebooks(asked.names):
        saved = notebooks.promote(path, asked.train)
        streams.write(f"{path}: has the outputs of its last run")
        for name in saved:
            streams.write(f"saved_models/{name}: as it was saved last")


def _check(asked):
    from gru_apps.cli import readiness

    with contextlib.suppress(Exception):  # a line of the check says so
        console.import_tensorflow()
    return 0 if readiness.check() else 2


def _workshop(asked):
    from gru_apps.cli import handouts

    for path in handouts.write_handouts(asked.folder):
        streams.write(str(path))


def _kit(asked):
    from gru_apps.cli import kit

    missing = kit.make_kit(asked.folder, asked.platforms, asked.python)
    for requirement in missing:
        streams.complain(f"There is no wheel for {requirement}")
    return 2 if missing else 0


def _play(asked):
    from gru_apps.cli.play import server

    if not 0 < asked.port < 65536:
        raise ValueError(f"--port must be 1 to 65535. Received: {asked.port}")
    address = {"host": asked.host, "port": asked.port}
    server.serve(asked.saved_models, **address, open_browser=asked.open_browser)


def _saved_at(folder):
    versions = saved_models.newest_versions(folder).values()
    paths = {version: saved_models.manifest_path(version) for version in versions}
    return {v: path.stat().st_mtime_ns for v, path in paths.items() if path.exists()}


def _models(asked):
    versions = saved_models.newest_versions(asked.saved_models).values()
    if not versions:
        raise FileNotFoundError(f"There are no SavedModels in {asked.saved_models}.")
    described, damaged = [], False
    for version in versions:
        try:
            described.append(saved_models.describe(version))
        except (OSError, ValueError) as error:  # the others are listed all the same
            damaged = True
            said, path = console.sentence(error), saved_models.manifest_path(version)
            streams.complain(said)
            if asked.json:
                described.append({"error": said, "path": str(path)})
    if asked.json:
        console.print_json(described)
    elif described:
        console.print_table(saved_models.table(described))
    return 2 if damaged else 0


def _data(asked):
    console.import_tensorflow()
    corpora.prepare(asked.names)


def _predict(asked):
    options.check_ranges(asked)
    console.import_tensorflow()
    ask = saved_models.load(asked.saved_models, asked.model)
    return 0 if questions.put(ask, asked) else 2


def _export(asked):
    console.import_tensorflow()
    from gru_apps.cli.exporting import command

    command.answer(asked)
