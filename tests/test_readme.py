import pathlib
import re

ROOT = pathlib.Path(__file__).parents[1]


def test_the_code_of_the_readme_runs(capsys):
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(block, {})
    assert capsys.readouterr().out == "(1, 2)\n(2, 9, 4) (4,) (2, 9)\n"
