"""Deletes each application in a copy of the project, and imports all that is left.

An application's own files are its folder, its corpora, its notebook, its SavedModel,
its tab of the page, what it exports, and the tests named after these. Elsewhere nothing
but rows of `NAME_LISTS` may name it.
"""

import ast
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[1]
NAME_LISTS = ["gru_apps/datasets/__init__.py", "gru_apps/cli/questions.py"]
NAME_LISTS += ["gru_apps/cli/play/page.py"]
# corpora (of two applications that share one, none), and number of the notebook
APPLICATIONS = {
    "memory": ([], "00"),
    "sentiment": (["movie_snippets"], "01"),
    "translation": (["tatoeba_zh_en", "cedict"], "02"),
    "speech": ([], "03"),
    "music": (["bach_chorales"], "04"),
    "language": (["state_of_the_union"], "05"),
    "recognition": ([], "06"),
    "traffic": (["metro_traffic"], "07"),
}
# in one process, for TensorFlow is imported once
IMPORT_ALL = """
import importlib, pathlib, sys
import keras, tensorflow, tensorflow_datasets as tfds
for copy in sys.argv[1:]:
    sys.path.insert(0, copy)
    with tfds.core.registered.skip_registration():
        for path in sorted(pathlib.Path(copy, "gru_apps").rglob("*.py")):
            parts = path.relative_to(copy).with_suffix("").parts
            name = ".".join(part for part in parts if part != "__init__")
            module = importlib.import_module(name)
            assert module.__file__.startswith(copy), module
    kinds = sys.modules["gru_apps.cli.questions"].KINDS
    modules = [kind.module for kind in kinds.values()]
    print(len(sys.modules["gru_apps.datasets"].BUILDERS), *modules)
    for name in [name for name in sys.modules if name.split(".")[0] == "gru_apps"]:
        del sys.modules[name]
    sys.path.remove(copy)
"""


def own_files(name: str) -> list[pathlib.Path]:
    corpora, number = APPLICATIONS[name]
    patterns = [
        f"gru_apps/applications/{name}",
        f"tests/applications/{name}",
        f"notebooks/{number}*_*.ipynb",
        f"gru_apps/course/exercises/nb{number}*.py",
        f"saved_models/{name}",
        f"gru_apps/cli/play/{name}*.py",
        f"gru_apps/cli/exporting/{name}.py",
        f"gru_apps/cli/exporting/asking/{name}.py",
        f"tests/*/test_{name}_*.py",
        f"tests/*/play/test_{name}_*.py",
    ]
    for corpus in corpora:
        patterns += [
            f"gru_apps/datasets/{corpus}.py",
            f"tests/datasets/test_{corpus}.py",
        ]
    return [path for pattern in patterns for path in ROOT.glob(pattern)]


def modules_of(name: str) -> list[str]:
    modules = [f"gru_apps.applications.{name}", f"gru_apps.cli.play.{name}"]
    return modules + [f"gru_apps.datasets.{c}" for c in APPLICATIONS[name][0]]


def without_rows(source: str, modules: list[str]) -> str:
    """Leaves out the imports of modules, and the rows of tables that name them."""
    lines, tree = source.splitlines(keepends=True), ast.parse(source)
    gone, names = set(), set(modules)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            names |= {alias.name for alias in node.names}
            gone |= {*range(node.lineno, node.end_lineno + 1)}
    for table in ast.walk(tree):
        rows = list(getattr(table, "elts", ())) if isinstance(table, ast.Tuple) else []
        if isinstance(table, ast.Dict):
            rows = [r for r in zip(table.keys, table.values, strict=True) if r[0]]
        for row in rows:
            first, last = row if isinstance(row, tuple) else (row, row)
            said = {n.id for n in ast.walk(last) if isinstance(n, ast.Name)}
            texts = [n.value for n in ast.walk(last) if isinstance(n, ast.Constant)]
            said |= {m for m in modules for text in texts if str(text).startswith(m)}
            if said & names:
                gone |= {*range(first.lineno, last.end_lineno + 1)}
    docstring = {n.split(".")[-1] for n in modules}  # of a list of names
    kept = [line for number, line in enumerate(lines, 1) if number not in gone]
    return "".join(line for line in kept if line.strip() not in docstring)


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """A copy of the package for each application, without it."""
    folders = {}
    for name in APPLICATIONS:
        folders[name] = tmp_path_factory.mktemp(name)
        shutil.copytree(ROOT / "gru_apps", folders[name] / "gru_apps")
        for path in own_files(name):
            copied = folders[name] / path.relative_to(ROOT)
            if copied.is_dir():
                shutil.rmtree(copied)
            copied.unlink(missing_ok=True) if copied.is_file() else None
        for listed in NAME_LISTS:
            path = folders[name] / listed
            path.write_text(without_rows(path.read_text("utf-8"), modules_of(name)))
    return folders


def test_all_that_is_left_can_be_imported_and_the_tables_have_the_other_rows(copies):
    command = [sys.executable, "-c", IMPORT_ALL, *map(str, copies.values())]
    printed = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert not printed.returncode, printed.stderr
    for line, name in zip(printed.stdout.splitlines(), copies, strict=True):
        number, *modules = line.split()
        assert int(number) == 7 - len(APPLICATIONS[name][0])
        expected = 5 - (name in ("music", "traffic"))
        assert len(modules) == expected, modules


@pytest.mark.parametrize("name", APPLICATIONS)
def test_no_other_file_names_a_module_of_the_application(name):
    own = own_files(name)
    for path in [*ROOT.glob("gru_apps/**/*.py"), *ROOT.glob("tests/**/*.py")]:
        is_own = any(path == o or o in path.parents for o in own)
        if is_own or str(path.relative_to(ROOT)) in NAME_LISTS:
            continue
        text = path.read_text("utf-8")
        for module in modules_of(name):
            package, _, leaf = module.rpartition(".")
            found = re.search(
                rf"\b{module}\b|from {package} import [^\n]*\b{leaf}\b", text
            )
            assert not found, path


@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_application_has_a_notebook_and_what_it_trains_a_saved_model(name):
    own = {path.relative_to(ROOT).parts[0] for path in own_files(name)}
    assert "notebooks" in own
    saved = (ROOT / "saved_models" / name / "1" / "saved_model.pb").exists()
    assert saved == (name != "memory")
