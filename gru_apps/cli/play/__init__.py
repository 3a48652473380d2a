"""The page in the browser: the trained networks answer, and one sees why.

- `server`: where the page is served; `page`: its tabs; `tabs`: what they share;
- `asking`: the SavedModels, asked as the command line asks them; `limits`: what is
  refused; `lessons`: the cells of the notebooks that explain it;
- `one_unit`, `sentiment`, `translation`, `digits`, `music` with `music_drawing` and
  `music_guessing`, `language`, `traffic`, `own_model`: a tab each;
- `opened_models`: `.keras` files that may be opened; `sounds`: recordings;
- `drawings`: pictures as SVG; `editors`: curves and keys that one draws or plays.
"""
