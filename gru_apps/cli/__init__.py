"""The command line: runs notebooks, asks SavedModels, prepares corpora.

- `commands`: what can be asked for, and with which options;
- `questions`: how each SavedModel is asked, by what it takes;
- `notebooks`, `saved_models`: those of a clone; `console`: what is printed.
"""
