"""Spoken digits: what the GRU is compared with.

- `comparisons`: baselines, splits by speaker, and intervals.
"""
