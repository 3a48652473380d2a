"""Chorales that Bach set for four voices, in sixteenths."""

import collections
import itertools
import math
import re
from fractions import Fraction
from hashlib import sha256
from xml.etree import ElementTree

import numpy as np
import tensorflow_datasets as tfds

from gru_apps.datasets import packages

_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_MELODY_RUN, _PASSAGE = 12, 32  # intervals, sixteenths
# of rests too, whose pitch is 0; times are in sixteenths since the piece began
_Note = collections.namedtuple("_Note", "begin end pitch is_tied_on has_fermata")
# Hymns that music21's list of the chorales leaves out, spelled as it spells others.
_TITLES = """
7.7 Christ, unser Herr, zum Jordan kam; 18.5-lz Durch Adams Fall ist ganz verderbt;
66.6 Christ ist erstanden; 67.4 Erschienen ist der herrliche Tag;
70.7 Freu’ dich sehr, o meine Seele; 72.6 Was mein Gott will, das g’scheh’ allzeit;
92.9 Was mein Gott will, das g’scheh’ allzeit; 93.7 Wer nur den lieben Gott läßt walten;
99.6 Was Gott tut, das ist wohlgetan; 111.6 Was mein Gott will, das g’scheh’ allzeit;
116.6 Du Friedefürst, Herr Jesu Christ; 119.9 Herr Gott, dich loben wir;
120.6 Herr Gott, dich loben wir; 125.6 Mit Fried’ und Freud’ ich fahr’ dahin;
135.6 Herzlich tut mich verlangen; 139.6 Mach’s mit mir, Gott, nach deiner Güt’;
146.8 Werde munter, mein Gemüte; 157.5 Meinen Jesum laß ich nicht;
162.6-lpz Alle Menschen müssen sterben; 165.6 Nun laßt uns Gott, dem Herren;
178.7 Wo Gott der Herr nicht bei uns hält; 188.6 Auf meinen lieben Gott;
229.2 Komm, Jesu, komm; 244.17 O Haupt voll Blut und Wunden;
244.29-a Meinen Jesum laß ich nicht; 245.5 Vater unser im Himmelreich;
248.23-s Vom Himmel hoch, da komm ich her; 248.28 Gelobet seist du, Jesu Christ;
248.42-s Hilf, Herr Jesu, laß gelingen; 248.64-s Herzlich tut mich verlangen
"""
_DESCRIPTION = """\
The chorales by Johann Sebastian Bach that music21's corpus has in exactly four voices,
at the pitch they sound. A step is a sixteenth. Repeats are not expanded, voices may
cross, ornaments are not played out. Tied notes are one note, and so are rests in a row.
Left out are three grace notes and five thirty-seconds that begin between two steps; the
one tie that joins different pitches counts as a slur.

Splits hold out whole hymns: chorales stay together that share a title, or 12 intervals
in a row of the soprano's melody, taken from beat to beat and without repeated notes, or
32 sixteenths of all four voices, in any key. These are 186 groups, 116 of them of one
chorale, the largest of 12; of the eight joins that a run of 13 intervals would not
make, seven are chance. In an order drawn by hash, each group goes to the first of test,
validation (a tenth of the chorales each) and train that has room for it. Movements of
one work may be on different sides. Of three pairs that are the same in another key, or
but for repeated notes, one chorale is kept: 362 of 365.

Licence: the music is in the public domain; most scores were encoded by Margaret
Greentree and come with music21 by her permission."""
_CITATION = """\
@inproceedings{cuthbert2010music21,
  author = {Cuthbert, Michael Scott and Ariza, Christopher},
  title = {music21: A Toolkit for Computer-Aided Musicology and Symbolic Music Data},
  booktitle = {11th International Society for Music Information Retrieval Conference},
  year = {2010},
}"""


class BachChorales(packages.CorpusBuilder):
    """Four-voice chorales on a grid of sixteenths, split by hymn.

    Features, the voices in the order soprano, alto, tenor, bass:
    - `pitches`, int32 `(steps, 4)`: the MIDI numbers that sound, 0 for a rest;
    - `starts`, booleans `(steps, 4)`: True where a note or a rest begins;
    - `position` and `bar`, int32 `(steps,)`: sixteenths since the bar line, an upbeat
      being the end of its bar, and sixteenths in the whole bar;
    - `fermata`, booleans `(steps,)`: whether the soprano's note carries one;
    - `key_sharps`, int32: sharps of the key signature, flats being negative;
    - `title` of the hymn and `piece`, as in "bwv253".
    """

    VERSION = tfds.core.Version("2.0.0")

    def _info(self) -> tfds.core.DatasetInfo:
        tensor = tfds.features.Tensor
        return tfds.core.DatasetInfo(
            builder=self,
            description=_DESCRIPTION,
            features=tfds.features.FeaturesDict(
                {
                    "pitches": tensor(shape=(None, 4), dtype=np.int32),
                    "starts": tensor(shape=(None, 4), dtype=np.bool_),
                    "position": tensor(shape=(None,), dtype=np.int32),
                    "bar": tensor(shape=(None,), dtype=np.int32),
                    "fermata": tensor(shape=(None,), dtype=np.bool_),
                    "key_sharps": np.int32,
                    "title": tfds.features.Text(),
                    "piece": tfds.features.Text(),
                }
            ),
            homepage="https://www.music21.org",
            citation=_CITATION,
        )

    def _split_generators(self, dl_manager):
        splits = _splits(_distinct(_four_voice_chorales()))
        return {name: self._generate_examples(part) for name, part in splits.items()}

    def _generate_examples(self, chorales):
        return ((chorale["piece"], chorale) for chorale in chorales)


def _four_voice_chorales():
    """Yields the features of each.

    Reads MusicXML without music21's own parser, which takes minutes for all of them.
    """
    from music21 import converter, corpus

    listed = corpus.chorales.ChoraleListRKBWV().byBWV
    titles = {number: entry["title"] for number, entry in listed.items()}
    titles |= dict(entry.strip().split(" ", 1) for entry in _TITLES.split(";"))
    for path in corpus.getComposer("bach", fileExtensions=["mxl", "xml"]):
        packed = path.suffix == ".mxl"
        text = converter.ArchiveManager(path).getData() if packed else path.read_bytes()
        parts = ElementTree.fromstring(text).findall("part")
        if len(parts) == 4:
            title = titles.get(path.stem.removeprefix("bwv"), path.stem)
            yield {"piece": path.stem, "title": title, **_features(parts)}


def _features(parts: list[ElementTree.Element]) -> dict:
    voices, bars = zip(*map(_voice, parts), strict=True)
    position, bar = _meter(bars[0])
    pitches, starts = zip(*[_grid(notes, len(bar)) for notes in voices], strict=True)
    note_of_step = np.cumsum(starts[0])
    marked = [math.floor(note.begin) for note in voices[0] if note.has_fermata]
    keys = [int(part.findtext("measure/attributes/key/fifths")) for part in parts]
    return {
        "pitches": np.stack(pitches, axis=1),
        "starts": np.stack(starts, axis=1),
        "position": position,
        "bar": bar,
        "fermata": np.isin(note_of_step, note_of_step[marked]),
        # where the voices disagree, the majority fits the notes
        "key_sharps": collections.Counter(keys).most_common(1)[0][0],
    }


def _voice(part: ElementTree.Element):
    """Returns the notes of a part, and `(sixteenths, sixteenths if full)` per bar."""
    notes, bars = [], []
    time, divisions, beats, unit = Fraction(0), 1, 4, 4
    for measure in part.iter("measure"):
        start = time
        for element in measure:
            if element.tag == "attributes":
                divisions = int(element.findtext("divisions") or divisions)
                if element.find("time") is not None:
                    beats, unit = (int(e.text) for e in element.find("time")[:2])
            elif element.tag == "note" and element.find("grace") is None:
                end = time + Fraction(4 * int(element.findtext("duration")), divisions)
                notes.append(_note(element, time, end))
                time = end
        bars.append((int(time - start), 16 * beats // unit))
    return notes, bars


def _note(element: ElementTree.Element, begin: Fraction, end: Fraction):
    pitch = 0
    if (written := element.find("pitch")) is not None:
        semitones = _SEMITONES[written.findtext("step")]
        semitones += int(written.findtext("alter") or 0)
        pitch = 12 * (int(written.findtext("octave")) + 1) + semitones
    is_tied_on = any(tie.get("type") == "stop" for tie in element.iter("tie"))
    has_fermata = element.find(".//fermata") is not None
    return _Note(begin, end, pitch, is_tied_on, has_fermata)


def _grid(notes: list[_Note], steps: int) -> tuple[np.ndarray, np.ndarray]:
    pitches, starts = np.zeros(steps, np.int32), np.zeros(steps, bool)
    before = None
    for note in notes:
        if note.begin.denominator > 1:
            continue  # a thirty-second between two steps
        begin = int(note.begin)
        pitches[begin : math.ceil(note.end)] = note.pitch
        goes_on = note.pitch == before and (note.is_tied_on or note.pitch == 0)
        starts[begin] = not goes_on
        before = note.pitch
    return pitches, starts


def _meter(bars: list[tuple[int, int]]) -> np.ndarray:
    """Returns, per sixteenth, the position in the bar and the length of a full bar.

    An upbeat counts to the end of its bar, and a bar that a repeat sign divides goes on
    behind it.

    >>> _meter([(1, 3), (3, 3), (2, 3), (1, 3)]).tolist()
    [[2, 0, 1, 2, 0, 1, 2], [3, 3, 3, 3, 3, 3, 3]]
    """
    upbeat, full = bars[0]
    filled = max(0, full - upbeat)
    steps = []
    for sixteenths, full in bars:
        begin = filled if filled + sixteenths <= full else 0
        steps += [((begin + step) % full, full) for step in range(sixteenths)]
        filled = (begin + sixteenths) % full
    return np.array(steps, np.int32).T


def _distinct(chorales) -> list[dict]:
    """Leaves out what is the same in another key, of two the part of a larger work."""
    kept = {}
    for chorale in sorted(chorales, key=lambda c: ("." in c["piece"], c["piece"])):
        kept.setdefault(_in_any_key(chorale["pitches"]), chorale)
    return list(kept.values())


def _in_any_key(pitches: np.ndarray) -> bytes:
    return np.where(pitches == 0, 128, pitches - pitches.max()).tobytes()


def _hymn_marks(chorale: dict) -> list:
    """Returns what a chorale may share with others of its hymn."""
    pitches = chorale["pitches"]
    melody = pitches[chorale["position"] % 4 == 0, 0]
    notes = [pitch for pitch, _ in itertools.groupby(melody[melody > 0].tolist())]
    intervals = tuple(np.diff(notes).tolist())
    ends = range(_MELODY_RUN, len(intervals) + 1)
    melodies = [intervals[end - _MELODY_RUN : end] for end in ends]
    ends = range(_PASSAGE, len(pitches) + 1)
    passages = [_in_any_key(pitches[end - _PASSAGE : end]) for end in ends]
    return [re.sub(r"\W", "", chorale["title"].casefold()), *melodies, *passages]


def _splits(chorales: list[dict]) -> dict[str, list[dict]]:
    """Puts each chorale where all go that it shares a mark with."""
    groups, first_with = {}, {}
    for chorale in chorales:
        group = groups[chorale["piece"]] = {chorale["piece"]}
        for mark in _hymn_marks(chorale):
            other = groups[first_with.setdefault(mark, chorale["piece"])]
            if other is not group:
                group |= other
                groups |= dict.fromkeys(other, group)
    by_hash = {sha256(min(group).encode()).digest(): group for group in groups.values()}
    tenth, splits = len(chorales) // 10, {"test": [], "validation": [], "train": []}
    for _, group in sorted(by_hash.items()):
        members = [c for c in chorales if c["piece"] in group]
        roomy = [split for split in splits if len(splits[split] + members) <= tenth]
        splits[[*roomy, "train"][0]] += members
    return splits
