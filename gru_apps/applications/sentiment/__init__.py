"""Sentences of film reviews: what a reader of them has to beat.

- `comparisons`: classifiers that count words, and margins of accuracies.
"""
