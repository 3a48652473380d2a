"""The command line: runs notebooks, asks SavedModels, prepares corpora.

- `commands`: what can be asked for; `options`: those of `predict`;
- `questions`: how each SavedModel is asked, by what it takes: `texts`, `prompts` and
  `recordings`;
- `notebooks`, `saved_models`: those of a clone; `corpora`: those of this machine;
- `readiness`: whether a computer is ready for the course, and `requirements`, what it
  needs; `kit`: a course without a network; `handouts`: for students and teachers;
- `play`: the page in the browser; `exporting`: networks for LiteRT and ONNX;
- `console`: what is said; `streams`: where; `interrupts`: Ctrl-C.
"""
