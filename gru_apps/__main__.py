"""The command line: runs notebooks, asks SavedModels, prepares corpora."""

import argparse
import importlib
import itertools
import os
import pathlib
import sys

from gru_apps import console, notebooks, saved_models

CHUNK = 64  # inputs that are answered in one batch


def main(arguments=None) -> int:
    """Runs one command and returns its exit code; errors are one line on stderr."""
    # before TensorFlow is imported, here and in the notebooks
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stdout.reconfigure(errors="replace")  # not every terminal writes Chinese
    asked = _parser().parse_args(arguments)
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
        "inputs", nargs="*", metavar="INPUT", help="texts or .wav files; none: stdin"
    )
    music = predict.add_argument_group("models that compose")
    music.add_argument("--steps", type=int, default=128, help="sixteenths (128)")
    music.add_argument("--temperature", type=float, default=1.0, help="(1.0)")
    music.add_argument("--seed", type=int, default=0, help="(0)")
    music.add_argument("--primer", metavar="FILE", help="a .mid file to go on from")
    music.add_argument("--out", metavar="FILE", help="a .mid or .wav file to write")

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
    tf = console.import_tensorflow()
    ask = saved_models.load(asked.saved_models, asked.model)
    takes = ask.structured_input_signature[1]
    if "primer" in takes:
        return _compose(asked, ask, tf)
    if not takes.keys() & {"text", "waveform"}:
        takes = ", ".join(takes)
        raise ValueError(f"{asked.model} takes {takes}: ask it from Python.")
    question = _ask_texts if "text" in takes else _ask_recordings
    for batch in _chunks(asked.inputs):
        answers = question(ask, batch, tf)
        if asked.json:
            console.print_json(answers)
            continue
        for answer in answers:
            print(_line(answer), flush=True)
    return None


def _chunks(inputs):
    """Yields lists of bytes, the arguments or else the lines of stdin."""
    inputs = [os.fsencode(text) for text in inputs]
    # whoever types waits for the answer to a line before the next
    size = 1 if not inputs and sys.stdin.isatty() else CHUNK
    lines = inputs or (line.rstrip(b"\r\n") for line in sys.stdin.buffer)
    lines = iter(lines)
    while chunk := list(itertools.islice(lines, size)):
        yield chunk


def _ask_texts(ask, texts, tf):
    answers = _rows(ask(text=tf.constant(texts)))
    texts = [text.decode(errors="replace") for text in texts]
    return [row | {"text": text} for row, text in zip(answers, texts, strict=True)]


def _ask_recordings(ask, names, tf):
    from gru_apps import audio

    paths = [os.fsdecode(name) for name in names]
    clips, rates = zip(*map(audio.read_wav, paths), strict=True)
    longest = max(map(len, clips))
    waveform = tf.stack([tf.pad(clip, [[0, longest - len(clip)]]) for clip in clips])
    answers = _rows(ask(waveform=waveform, sample_rate=tf.constant(rates, tf.int32)))
    return [row | {"path": path} for row, path in zip(answers, paths, strict=True)]


def _rows(answers):
    """Turns the tensors that a signature returns into an answer for each input."""
    columns = {name: _plain(tensor.numpy()) for name, tensor in answers.items()}
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _plain(array):
    if array.dtype == object:  # bytes
        return [text.decode(errors="replace") for text in array.tolist()]
    return array.tolist()


def _line(answer):
    if "translation" in answer:
        return answer["translation"]
    *_, asked = answer.values()  # what was asked, in one line
    named = [str(answer[k]) for k in ("label", "digit") if k in answer]
    return "  ".join([*named, f"{answer['probability']:.3f}", " ".join(asked.split())])


def _compose(asked, ask, tf):
    from gru_apps import music

    if asked.inputs:
        raise ValueError(f"{asked.model} takes no INPUT, but options: see --help.")
    if asked.out and not asked.out.endswith((".mid", ".wav")):
        raise ValueError(f"--out must end in .mid or .wav. Received: {asked.out}")
    before = [tf.zeros([0, 4], tf.int32), tf.zeros([0, 4], tf.bool)]
    if asked.primer:
        before = [tf.constant(part) for part in music.read_midi(asked.primer)]
    after = ask(
        primer=music.cells_from_score(*before)[None],
        steps=tf.constant(asked.steps, tf.int32),
        temperature=tf.constant(asked.temperature, tf.float32),
        seed=tf.constant(asked.seed, tf.int32),
    )
    after = [after["pitches"][0], after["starts"][0]]
    score = [tf.concat(parts, 0).numpy() for parts in zip(before, after, strict=True)]
    if asked.out:
        _write_music(asked.out, score)
    names = ("pitches", "starts")
    lists = dict(zip(names, (part.tolist() for part in score), strict=True))
    if asked.json:
        console.print_json([lists | ({"out": asked.out} if asked.out else {})])
    elif not asked.out:
        console.print_table([music.VOICES, *map(_step, *lists.values())])


def _write_music(path, score):
    from gru_apps import audio, music, synthesizer

    if path.endswith(".mid"):
        return music.write_midi(path, *score)
    rate = 22050
    waveform = synthesizer.synthesize(*score, sample_rate=rate)
    return audio.write_wav(path, waveform, rate)


def _step(pitches, starts):
    """Writes a row of MIDI numbers, `-` for a rest and `.` for what is held."""
    said = zip(pitches, starts, strict=True)
    return [(str(pitch or "-") if start else ".") for pitch, start in said]


if __name__ == "__main__":
    sys.exit(main())
