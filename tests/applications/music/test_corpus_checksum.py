import numpy as np

from gru_apps.applications.music.corpus_checksum import corpus_checksum

RNG = np.random.default_rng(0)


def piece(steps):
    return {
        "pitches": RNG.integers(30, 88, [steps, 4]).astype("int32"),
        "starts": RNG.random([steps, 4]) < 0.5,
    }


def test_the_same_chorales_have_the_same_checksum():
    pieces = [piece(3), piece(5)]
    copies = [{key: value.copy() for key, value in p.items()} for p in pieces]
    assert corpus_checksum(pieces) == corpus_checksum(copies)


def test_another_note_start_order_or_number_of_chorales_changes_it():
    pieces = [piece(3), piece(5)]
    checksums = {corpus_checksum(pieces), corpus_checksum(pieces[::-1])}
    checksums.add(corpus_checksum(pieces[:1]))
    for key, value in [("pitches", 1), ("starts", True)]:
        other = pieces[1][key].copy()
        other[0, 0] = other[0, 0] + value if key == "pitches" else ~other[0, 0]
        checksums.add(corpus_checksum([pieces[0], pieces[1] | {key: other}]))
    assert len(checksums) == 5


def test_the_version_of_music21_counts(monkeypatch):
    import music21

    pieces = [piece(2)]
    before = corpus_checksum(pieces)
    monkeypatch.setattr(music21, "__version__", "0")
    assert corpus_checksum(pieces) != before
