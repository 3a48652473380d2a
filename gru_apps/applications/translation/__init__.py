"""Chinese to English: what reads a text, trials, and what a translator has to beat.

- `reading`: texts cut into sentences, simplified and masked, for the translator;
- `placeholders`: signs for numbers and names; `numerals`, `names`: their English;
- `augmentation`: more training pairs, from a dictionary and of sentences in a row;
- `trials`, `phrases`: sentences with numbers and names, everyday ones, and answers;
- `comparisons`: translations that are looked up, and scores of translations;
- `glosses`: English words under the Chinese ones of a sentence.
"""
