"""Chinese to English: what a translator has to beat, and help for readers.

- `comparisons`: translations that are looked up, and scores of translations;
- `glosses`: English words under the Chinese ones of a sentence.
"""
