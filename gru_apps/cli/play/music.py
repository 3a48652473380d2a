"""Chorales in four voices: composed, found for a melody, heard, and guessed at."""

import base64
import functools
import pathlib
import tempfile

import gradio as gr
import numpy as np

from gru_apps.applications.music import keys, midi, scores, synthesizer
from gru_apps.cli.play import (
    editors,
    limits,
    music_drawing,
    music_guessing,
    sounds,
    tabs,
)

BARS = 12  # of what is composed, at most
NOTES = 64  # of a melody, at most
RATE = 16_000  # Hz, of what is sung
TEMPO = 80  # quarter notes a minute
ANY_KEY = "any key"
SOPRANO = (60, 81)  # of the keys
TUNES = {
    "a rising scale": [(60 + s, 4) for s in (0, 2, 4, 5, 7, 9, 11)] + [(72, 8)],
    "a falling line": [(72 - s, 4) for s in (0, 1, 3, 5, 7, 8, 10)] + [(60, 8)],
    "a call": [(67, 4), (67, 4), (69, 4), (67, 4), (72, 4), (71, 8)],
}

Score = tuple[np.ndarray, np.ndarray]  # pitches and starts, `(steps, 4)`


def melody_file(folder: str, notes: list) -> str:
    """Writes notes, pitch (0 is a rest) and sixteenths, as a MIDI file of one part."""
    steps = sum(length for _, length in notes)
    pitches = np.zeros((steps, 4), np.int32)
    starts = np.zeros((steps, 4), bool)
    starts[0] = True
    place = 0
    for pitch, length in notes:
        pitches[place : place + length, 0] = pitch
        starts[place, 0] = True
        place += length
    path = str(pathlib.Path(folder, "melody.mid"))
    midi.write_midi(path, pitches, starts)
    return path


def composed(models, **asked) -> tuple[Score, str]:
    """Asks the model as the command line does; returns the score and its key."""
    (answer,) = models.answers("music", **asked)
    score = tuple(np.array(answer[name]) for name in ("pitches", "starts"))
    return score, answer.get("key", "")


def notes_of(value: str | None) -> list:
    """Returns the notes of the keyboard; refuses none, too many, and strange ones."""
    notes = editors.parsed(value, "notes")
    fine = len(notes) <= NOTES and all(
        type(pitch) is int
        and type(length) is int
        and (pitch == 0 or SOPRANO[0] <= pitch <= SOPRANO[1])
        and 1 <= length <= 16
        for pitch, length in notes
    )
    if not fine:
        raise limits.Refused(f"A melody may have {NOTES} notes of one voice.")
    if not any(pitch for pitch, _ in notes):
        raise limits.Refused("Play some notes on the keyboard first.")
    return notes


def shown(score: Score, heard: list[str], head: str = "") -> str:
    """Returns a score as HTML: a player, its notes, and a MIDI file to save."""
    pitches, starts = score
    if not len(pitches):
        raise limits.Refused("There is no music yet: compose some first.")
    muted = [voice for voice, name in enumerate(scores.VOICES) if name not in heard]
    sung = pitches.copy()
    sung[:, muted] = 0
    waveform = synthesizer.synthesize(sung, starts, tempo=TEMPO, sample_rate=RATE)
    player = sounds.player(waveform, RATE, label="the music")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "chorale.mid")
        midi.write_midi(path, pitches, starts, tempo=TEMPO)
        content = base64.b64encode(path.read_bytes()).decode()
    link = (
        f'<a download="chorale.mid" href="data:audio/midi;base64,{content}">'
        "Save as MIDI</a>"
    )
    roll = music_drawing.piano_roll(score, heard, TEMPO)
    return f'{head}<div class="heard">{player}{roll}<p class="label">{link}</p></div>'


def build(models, tab) -> None:
    """Builds the tab."""
    del tab
    tabs.heading(
        "Compose a chorale, mute voices, or play a melody to which three voices are "
        "found.",
        "A low temperature keeps to what is usual, a high one goes astray; each voice "
        "moves by small steps, as a choir sings.",
        ("04_music_generation", "Ask it"),
    )
    options = _options()
    buttons = tabs.examples(["Compose", *TUNES], "Compose, or let the voices be found")
    voices = list(scores.VOICES)
    heard = gr.CheckboxGroup(voices, value=voices, label="voices that are heard")
    script = pathlib.Path(__file__).with_name("player.js")
    drawn = gr.HTML(container=False, js_on_load=script.read_text(encoding="utf-8"))
    score = gr.State(None)
    with gr.Accordion("Your own notes", open=True):
        keyboard = editors.keyboard(*SOPRANO)
        with gr.Row():
            find = gr.Button("Find the other voices", variant="primary")
            go_on = gr.Button("Go on from my notes")
        file = gr.File(
            label="or a MIDI file of four parts", type="filepath", height=110
        )
    asked = _Asked(models)
    options.append(heard)
    results = [drawn, score]
    tabs.answer_to([buttons[0].click], asked.compose, options, results)
    tabs.answer_to([find.click], asked.harmonize, [keyboard, *options], results)
    tabs.answer_to([go_on.click], asked.go_on, [keyboard, *options], results)
    tabs.answer_to([file.upload], asked.go_on_from_file, [file, *options], results)
    tabs.answer_to([heard.input], asked.mute, [score, heard], [drawn])
    for button, tune in zip(buttons[1:], TUNES.values(), strict=True):
        tuned = functools.partial(asked.tune, editors.as_value(tune, "notes"))
        outputs = [keyboard, *results]
        button.click(tuned, inputs=options, outputs=outputs, **tabs.PRIVATE)
    music_guessing.build(models)


def _options():
    with gr.Row():
        names = [keys.key_name(number) for number in range(keys.NUM_KEYS)]
        return [
            gr.Slider(0, 2, 1, step=0.05, label="temperature"),
            gr.Slider(1, BARS, 4, step=1, label="bars"),
            gr.Dropdown([ANY_KEY, *names], value=ANY_KEY, label="key"),
            gr.Number(0, label="seed", precision=0, minimum=0),
        ]


class _Asked:
    """What the buttons ask; each returns HTML and the score, to be muted or saved."""

    def __init__(self, models):
        self.models = models

    @limits.answered(2)
    def compose(self, temperature, bars, key, seed, heard):
        """Composes from nothing."""
        limits.checked_number(bars, "The bars", 1, BARS)
        steps = 16 * int(bars)
        return self._shown(heard, steps=steps, **_drawing(temperature, key, seed))

    @limits.answered(2)
    def harmonize(self, notes, temperature, bars, key, seed, heard):
        """Finds the other voices to notes."""
        del bars
        with tempfile.TemporaryDirectory() as folder:
            path = melody_file(folder, notes_of(notes))
            drawing = _drawing(temperature, key, seed)
            return self._shown(heard, harmonize=path, **drawing)

    def tune(self, notes, *options):
        """Puts notes on the keyboard, and finds the other voices."""
        return notes, *self.harmonize(notes, *options)

    @limits.answered(2)
    def go_on(self, notes, temperature, bars, key, seed, heard):
        """Goes on from notes, with all voices."""
        drawing = _drawing(temperature, key, seed)
        with tempfile.TemporaryDirectory() as folder:
            path = melody_file(folder, notes_of(notes))
            (pitches, starts), _ = composed(self.models, harmonize=path, **drawing)
            primer = str(pathlib.Path(folder, "primer.mid"))
            midi.write_midi(primer, pitches, starts)
            steps = 16 * int(limits.checked_number(bars, "The bars", 1, BARS))
            return self._shown(heard, primer=primer, steps=steps, **drawing)

    @limits.answered(2)
    def go_on_from_file(self, path, temperature, bars, key, seed, heard):
        """Goes on from a MIDI file of four parts."""
        path = limits.checked_file(path, "MIDI file")
        if len(midi.read_midi(path)[0]) > 16 * 64:
            raise limits.Refused("A MIDI file may last 64 bars here.")
        steps = 16 * int(limits.checked_number(bars, "The bars", 1, BARS))
        drawing = _drawing(temperature, key, seed)
        return self._shown(heard, primer=path, steps=steps, **drawing)

    def _shown(self, heard, **asked):
        score, key = composed(self.models, **asked)
        return shown(score, heard, f'<p class="answer">{key}</p>'), score

    @limits.answered()
    def mute(self, score, heard):
        """Sings a score with the voices that are heard."""
        if score is None:
            raise limits.Refused("There is no music yet: compose some first.")
        return shown(score, heard)


def _drawing(temperature, key, seed):
    limits.checked_number(temperature, "The temperature", 0, 2)
    limits.checked_number(seed, "The seed", 0, 10**6)
    named = {} if key == ANY_KEY else {"key": str(key)}
    return named | {"temperature": float(temperature), "seed": int(seed)}
