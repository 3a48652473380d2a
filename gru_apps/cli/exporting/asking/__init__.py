"""What is written into an exported folder: how its networks are asked, without us.

Each module imports the standard library, NumPy, a runtime, and others of this folder;
`traffic` brings what reads histories.

- `runtime`: runs the networks; one module for each application: how it is asked;
- `words`, `chinese`, `exact_bytes`, `sound`, `hours`, `cells`: raw input to arrays;
- `labels`, `beams`: logits to answers.
"""
