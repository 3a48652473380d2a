"""Comparisons with published figures, which keep theirs in `results/`."""
