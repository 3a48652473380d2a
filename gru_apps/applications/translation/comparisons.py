"""Translators that are looked up, not trained, and scores for any translator."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from gru_apps.inspection import plots

SEED = 0
ROWS = 200  # texts compared at once: each has a similarity to all known texts


def nearest_texts(known: Sequence[str], texts: Sequence[str]) -> list[int]:
    """Returns for each text the place of the known text that is most like it.

    Likeness is the cosine between the counts of single characters, pairs and triples,
    the counts logarithmic, rare ones weighted more (tf-idf).

    >>> nearest_texts(["good morning", "see you"], ["I see", "a good day"])
    [1, 0]
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    known = vectorizer.fit_transform(known)
    vectors = vectorizer.transform(texts)
    places = []
    for start in range(0, vectors.shape[0], ROWS):
        likeness = vectors[start : start + ROWS] @ known.T
        places += likeness.toarray().argmax(axis=1).tolist()
    return places


def score_translations(
    translations: Sequence[str], references: Sequence[str]
) -> dict[str, float]:
    """Returns the BLEU and chrF of a corpus, 0 to 100, with one reference each.

    References: Papineni et al., 2002, doi:10.3115/1073083.1073135; Popovic, 2015,
    doi:10.18653/v1/W15-3049. Both as sacrebleu has them.

    >>> score_translations(["It rains."], ["It rains."])["chrF"]
    100.0
    """
    import sacrebleu

    measures = {"BLEU": sacrebleu.corpus_bleu, "chrF": sacrebleu.corpus_chrf}
    return {
        name: measure(list(translations), [list(references)]).score
        for name, measure in measures.items()
    }


class Interval(NamedTuple):
    """A score 0 to 100, and the interval that 95 % of bootstrapped test sets give."""

    score: float
    low: float
    high: float


def bootstrap_bleu(
    translations: Mapping[str, Sequence[str]], references: Sequence[str], *, draws=500
) -> dict[str, Interval]:
    """Returns the BLEU of each translator, and of each its lead on the one before.

    A draw takes as many sentences as there are, with replacement, the same for all
    translators (Koehn, 2004, W04-3250). The lead of `b` on `a`, the one named before
    it, is called "b - a".

    >>> scores = bootstrap_bleu({"a": ["It rains now."]}, ["It rains now."], draws=2)
    >>> round(scores["a"].low)
    100
    """
    rng = np.random.default_rng(SEED)
    rows = rng.integers(len(references), size=(draws, len(references)))
    found, before = {}, None
    for name, texts in translations.items():
        counts = _counts(texts, references)
        scores = [_bleu(counts), *(_bleu(counts[row]) for row in rows)]
        scores = np.array(scores)
        found[name] = _interval(scores)
        if before:
            found[f"{name} - {before[0]}"] = _interval(scores - before[1])
        before = name, scores
    return found


LENGTHS = {"to_8": "up to 8", "to_12": "9-12", "to_17": "13-17", "longer": "18 on"}
_WORDS = {"none": "without attention", "dot_product": "with attention"}


def plot_by_length(runs, *, title: str = "") -> Figure:
    """Draws the BLEU of translators by the length of the sentence, a dot a seed.

    `runs`, a table of pandas, are the rows of `benchmarks/results/attention.csv`. Lines
    join the means.
    """
    figure, (axes,) = plots.panels(1, 1, width=6, height=3)
    for attention, colour in zip(_WORDS, ["0.55", "k"], strict=True):
        scores = runs.loc[runs["attention"] == attention, list(LENGTHS)].to_numpy()
        places = np.arange(len(LENGTHS))
        axes.plot(places, scores.mean(axis=0), color=colour)
        for row in scores:
            axes.plot(places, row, "o", color=colour, markersize=4)
        axes.annotate(
            _WORDS[attention],
            (0, scores[:, 0].mean()),
            (12, 6),
            textcoords="offset points",
            color=colour,
        )
    axes.set_xticks(places, LENGTHS.values())
    axes.set(xlabel="characters of the sentence", ylabel="BLEU", title=title)
    axes.set_ylim(bottom=0)
    return figure


def _counts(translations, references):
    """For each sentence n-grams found, n-grams, both lengths: `(sentences, 10)`."""
    import sacrebleu

    pairs = zip(translations, references, strict=True)
    scores = [sacrebleu.sentence_bleu(found, [wanted]) for found, wanted in pairs]
    rows = [[*s.counts, *s.totals, s.sys_len, s.ref_len] for s in scores]
    return np.array(rows, dtype="int64")


def _bleu(counts):
    from sacrebleu.metrics import BLEU

    sums = counts.sum(axis=0).tolist()
    return BLEU.compute_bleu(sums[:4], sums[4:8], *sums[8:], smooth_method="exp").score


def _interval(scores):
    low, high = np.quantile(scores[1:], [0.025, 0.975])
    return Interval(*map(float, (scores[0], low, high)))
