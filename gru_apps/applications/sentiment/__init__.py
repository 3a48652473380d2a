"""Sentences and what their writers think: data, and what a reader has to beat.

- `sentences`: rated sentences of four kinds as lists, and their targets;
- `composing`: sentences composed of rated words, from the frames of `frames.csv`;
- `spelling`: typing errors, and a tokenizer that looks past them;
- `comparisons`: classifiers that count words, the contrast set of
  `contrast_pairs.csv`, calibration, and margins of accuracies.
"""
