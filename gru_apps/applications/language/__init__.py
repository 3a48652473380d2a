"""Language modelling: what the GRU is compared with, and how.

- `comparisons`: n-grams, a Transformer, their times, and bits of whole texts.
"""
