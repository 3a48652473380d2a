"""Spoken digits: one, or several in a row, frame by frame."""

import functools
import itertools
import pathlib
import tempfile

import gradio as gr
import numpy as np

from gru_apps.cli.play import drawings, limits, sounds, tabs
from gru_apps.serving.answers import rows as plain_rows

MODELS = {"several digits": "recognition", "one digit": "speech"}
SECONDS = 0.025  # a frame
EXAMPLES = {"seven": (7,), "three, one, four": (3, 1, 4), "nine, nine, five": (9, 9, 5)}
_BLANK = "–"


def frame_by_frame(models, name: str, frames) -> list[dict]:
    """Asks `step` with one frame after another: what it says after each of them.

    Returns rows of `digit` and `probability`. `step` knows no frame but those before.
    """
    import tensorflow as tf

    step = models.signature(name, "step")
    size = step.structured_input_signature[1]["state"].shape[-1]
    state, said = tf.zeros([1, size]), []
    for frame in tf.unstack(tf.constant(frames, tf.float32)):
        answer = dict(step(mfcc=frame[None], state=state))
        state = answer.pop("state")
        said += plain_rows(answer)
    return said


def example_sound(digits: tuple[int, ...]) -> np.ndarray:
    """Whispers digits, from the frames of test recordings: `(samples,)` at 8 kHz.

    Raises `Refused` where the corpus was not prepared: nothing is fetched from here.
    """
    import tensorflow_datasets as tfds

    import gru_apps.datasets  # noqa: F401 registers the corpora
    from gru_apps.encoding import audio, augmentation

    builder = tfds.builder("spoken_digits")
    if not builder.is_prepared():
        raise limits.Refused(
            "The examples are in a corpus that is not here yet. "
            "Get it by: python -m gru_apps data spoken_digits"
        )
    found, speaker = {}, None
    for row in tfds.as_numpy(builder.as_dataset(split="test")):
        speaker = row["speaker"] if speaker is None else speaker
        if row["speaker"] == speaker:
            found.setdefault(int(row["digit"]), row["mfcc"])
    levels = [augmentation.levels_of(found[digit]) for digit in digits]
    pauses = [8] * (len(levels) + 1)
    frames = augmentation.mfcc_of(augmentation.joined(levels, pauses))
    waveform = audio.whisper(frames)
    return 0.5 * waveform / np.abs(waveform).max()


def drawn(waveform, frames, steps: list[dict], head: str) -> str:
    """Draws sound, frames and the answer as it forms, with a player that marks them."""
    number, left, width = len(frames), 70, 900
    size = {"left": left, "width": width - left - 8, "number": number}
    wave = drawings.Axes(top=22, height=60, low=-1, high=1, **size)
    image = sounds.picture_of(_evened(frames).T)
    parts = [
        drawings.text(left, 14, "the sound, and below it its 13 numbers a frame"),
        *_wave(wave, waveform),
        f'<image href="{image}" x="{left}" y="92" width="{size["width"]}" height="78" '
        'preserveAspectRatio="none" style="image-rendering:pixelated"/>',
    ]
    top = 204
    parts.append(drawings.text(left, top - 10, "what the network would say by then"))
    height = _add_steps(parts, steps, top, size)
    bottom = top + height
    for second in range(int(number * SECONDS) + 1):
        x = left + second / (number * SECONDS) * size["width"]
        parts.append(drawings.text(x, bottom + 18, f"{second} s", size=12))
    parts.append(
        f'<line class="reading" x1="{left}" x2="{left}" y1="18" y2="{bottom}" '
        f'data-left="{left}" data-width="{size["width"]}"/>'
    )
    runs = [digit for digit, _ in itertools.groupby(map(_digit, steps))]
    said = "; then ".join(run for run in runs if run != _BLANK) or "nothing"
    alternative = f"Sound and frames of {number * SECONDS:.1f} seconds; heard: {said}."
    sound = sounds.player(waveform, label="the recording")
    picture = drawings.picture(width, bottom + 24, parts, alternative)
    return f'{head}<div class="heard">{sound}{picture}</div>'


def _evened(frames):
    """Gives each coefficient the same range, so that all can be seen."""
    frames = frames - frames.mean(axis=0)
    return np.clip(frames / (frames.std(axis=0) + 1e-6), -2, 2)


def _wave(axes, waveform):
    """Draws the lowest and the highest sample of each of some hundred pieces."""
    pieces = np.array_split(np.asarray(waveform), min(400, max(len(waveform), 1)))
    peak = float(np.abs(waveform).max(initial=0)) or 1.0
    highs = [float(piece.max(initial=0)) / peak for piece in pieces]
    lows = [float(piece.min(initial=0)) / peak for piece in pieces]
    return [axes._replace(number=len(pieces)).band(lows, highs, "wave")]


def _digit(row):
    digit = str(row["digit"])
    return _BLANK if digit in ("", "-1") else digit


def _add_steps(parts, steps, top, size):
    """Draws the path of the likeliest digit: a row each, a dot for each frame."""
    names = [str(n) for n in range(10)]
    said = [_digit(row) for row in steps]
    # words of the recognizer are names; those of the classifier are numbers
    names = sorted({*said} - {_BLANK}) if set(said) - {*names, _BLANK} else names
    names = [*names, _BLANK]
    height = 16 * len(names)
    rows = drawings.Axes(
        top=top, height=height, low=len(names) - 0.5, high=-0.5, **size
    )
    for place, name in enumerate(names):
        y = rows.y(place)
        end = size["left"] + size["width"]
        parts.append(
            f'<line x1="{size["left"]}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}" '
            'class="grid"/>'
        )
        shown = "none" if name == _BLANK else name
        label = drawings.text(size["left"] - 8, y + 4, shown, anchor="end", size=12)
        parts.append(label)
    path = [names.index(name) for name in said]
    parts.append(rows.line(path, "grey"))
    for place, (row, y) in enumerate(zip(steps, path, strict=True)):
        title = f"{place * SECONDS:.2f} s: {said[place]}, {row['probability']:.0%}"
        parts.append(
            f'<circle cx="{rows.x(place):.1f}" cy="{rows.y(y):.1f}" '
            f'r="{1 + 3 * row["probability"]:.1f}"><title>{title}</title></circle>'
        )
    return height


class _Asked:
    """What microphone, file and buttons ask; each returns HTML."""

    def __init__(self, models):
        self.models = models

    @limits.answered()
    def answer(self, path, kind):
        """Hears a recording."""
        if kind not in MODELS:
            raise limits.Refused(f"Choose one of {', '.join(MODELS)}.")
        waveform, name = sounds.read(path), MODELS[kind]
        (said,) = self.models.answers(name, [path])
        heard = str(said["digits"] if "digits" in said else said["digit"])
        heard = said.get("reason") or ("no digit" if heard in ("", "-1") else heard)
        head = (
            f'<p class="answer">{drawings.escaped(heard)} '
            f"({said['probability']:.0%} sure)</p>"
        )
        frames = sounds.frames_of(waveform)
        steps = frame_by_frame(self.models, name, frames)
        return drawn(waveform, frames, steps, head)

    @limits.answered(2)
    def whispered(self, digits, kind):
        """Hears an example, and clears the recording."""
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/whispered.wav"
            sounds.write(path, example_sound(digits))
            return self.answer(path, kind), None


def build(models, tab) -> None:
    """Builds the tab."""
    del tab
    tabs.heading(
        "Record a digit, or several with short pauses, and play it again.",
        "The dots are what a network says that has heard the frames so far: "
        "of several digits it names each late in its word, and nothing between.",
        ("03_speech_features", "The answer forms"),
        ("06_speech_recognition", "When does it speak?"),
    )
    kind = gr.Radio(list(MODELS), value="several digits", label="Listen for")
    buttons = tabs.examples(list(EXAMPLES), "Examples (whispered, from the test set)")
    sound = gr.Audio(
        sources=["microphone", "upload"],
        type="filepath",
        label=f"recording, {limits.MAX_SECONDS} seconds at most",
        editable=False,
        buttons=[],
    )
    script = pathlib.Path(__file__).with_name("player.js")
    heard = gr.HTML(container=False, js_on_load=script.read_text(encoding="utf-8"))
    asked = _Asked(models)
    events = [sound.stop_recording, sound.upload, kind.input]
    tabs.answer_to(events, asked.answer, [sound, kind], [heard])
    for button, digits in zip(buttons, EXAMPLES.values(), strict=True):
        whispered = functools.partial(asked.whispered, digits)
        button.click(whispered, inputs=[kind], outputs=[heard, sound], **tabs.PRIVATE)
