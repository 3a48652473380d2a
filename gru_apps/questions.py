"""What the command line asks of a SavedModel, and how it writes the answers."""

import itertools
import os
import sys

from gru_apps import console

CHUNK = 64  # inputs that are answered in one batch
FORECAST = ("timestamp", "lower", "median", "upper")


def put(ask, asked) -> None:
    """Puts the questions of the command line to a signature, and prints the answers.

    `ask` is a `serving_default`, and `asked` the arguments of `predict`. What is asked
    depends on what the signature takes: a primer, prompts, texts, recordings or
    histories. Raises `ValueError` for a model that takes none of them.
    """
    takes = ask.structured_input_signature[1]
    if "primer" in takes:
        return _compose(ask, asked)
    kinds = {"prompt": _continue, "text": _ask_texts, "waveform": _ask_recordings}
    kinds["timestamp"] = _ask_histories
    question = next((kinds[name] for name in kinds if name in takes), None)
    if not question:
        raise ValueError(f"{asked.model} takes {', '.join(takes)}: ask it from Python.")
    for batch in _chunks(asked.inputs):
        answers = question(ask, batch, asked)
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


def _ask_texts(ask, texts, asked):
    import tensorflow as tf

    answers = _rows(ask(text=tf.constant(texts)))
    texts = [text.decode(errors="replace") for text in texts]
    return [row | {"text": text} for row, text in zip(answers, texts, strict=True)]


def _continue(ask, prompts, asked):
    import tensorflow as tf

    answers = ask(
        prompt=tf.constant(prompts),
        length=tf.constant(asked.length, tf.int32),
        temperature=tf.constant(asked.temperature, tf.float32),
        top_p=tf.constant(asked.top_p, tf.float32),
        seed=tf.constant(asked.seed, tf.int32),
    )
    prompts = [prompt.decode(errors="replace") for prompt in prompts]
    rows = zip(_rows(answers), prompts, strict=True)
    return [{"generated": row.pop("text")} | row | {"prompt": p} for row, p in rows]


def _ask_recordings(ask, names, asked):
    import tensorflow as tf

    from gru_apps import audio

    paths = [os.fsdecode(name) for name in names]
    clips, rates = zip(*map(audio.read_wav, paths), strict=True)
    longest = max(map(len, clips))
    waveform = tf.stack([tf.pad(clip, [[0, longest - len(clip)]]) for clip in clips])
    answers = _rows(ask(waveform=waveform, sample_rate=tf.constant(rates, tf.int32)))
    return [row | {"path": path} for row, path in zip(answers, paths, strict=True)]


def _ask_histories(ask, names, asked):
    import tensorflow as tf

    from gru_apps import series

    answers = []
    for path in map(os.fsdecode, names):
        columns = series.read_csv(path)
        answers += _rows(ask(**{k: tf.constant([v]) for k, v in columns.items()}))
        answers[-1]["path"] = path
    return answers


def _rows(answers):
    """Turns the tensors that a signature returns into an answer for each input."""
    columns = {name: _plain(tensor.numpy()) for name, tensor in answers.items()}
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _plain(array):
    import numpy as np

    if array.dtype == object:  # bytes
        decode = np.vectorize(lambda t: t.decode(errors="replace"), otypes=[object])
        array = decode(array)
    return array.tolist()


def _line(answer):
    for name in ("translation", "generated"):
        if name in answer:
            return answer[name]
    if "median" in answer:
        columns = (answer[name] for name in FORECAST)
        rows = ((t, *(f"{n:.0f}" for n in ns)) for t, *ns in zip(*columns, strict=True))
        return "\n".join("  ".join(row) for row in [FORECAST, *rows])
    *_, asked = answer.values()  # what was asked, in one line
    named = [str(answer[k]) for k in ("label", "digit", "digits") if k in answer]
    return "  ".join([*named, f"{answer['probability']:.3f}", " ".join(asked.split())])


def _compose(ask, asked):
    import tensorflow as tf

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
