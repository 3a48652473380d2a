"""Language modelling: what the GRU is compared with, and how.

- `comparisons`: n-grams, times of a batch, and bits of whole texts.
"""
