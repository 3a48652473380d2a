"""Translators that are looked up, not trained, and two scores for any translator."""

from collections.abc import Sequence

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
