"""Spoken digits: what should not matter in them, and what the GRU is compared with.

- `variations`: what should not matter, for training; `conditions`: the same, for tests;
- `comparisons`: baselines, splits by speaker, and intervals.
"""
