"""Chinese to English: what a translator has to beat.

- `comparisons`: translations that are looked up, and scores of translations.
"""
