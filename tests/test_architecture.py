"""The arrows, sizes and costs that the package keeps to."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in sorted((ROOT / "gru_apps").rglob("*.py"))
}
FILES = {name.removesuffix(".__init__"): path for name, path in FILES.items()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# Moving an arrow is a decision: it is made here, in the open.
ARROWS = {
    ("gru_apps.conversion", "gru_apps.export"),
    ("gru_apps.exact_text", "gru_apps.text"),
    ("gru_apps.forecasters", "gru_apps.layers"),
    ("gru_apps.gate_plots", "gru_apps.plots"),
    ("gru_apps.language_models", "gru_apps.embeddings"),
    ("gru_apps.language_models", "gru_apps.layers"),
    ("gru_apps.models", "gru_apps.embeddings"),
    ("gru_apps.models", "gru_apps.layers"),
    ("gru_apps.questions", "gru_apps.audio"),
    ("gru_apps.questions", "gru_apps.console"),
    ("gru_apps.questions", "gru_apps.music"),
    ("gru_apps.questions", "gru_apps.series"),
    ("gru_apps.questions", "gru_apps.synthesizer"),
    ("gru_apps.serving", "gru_apps.ctc_decoding"),
    ("gru_apps.serving_forecasts", "gru_apps.series"),
    ("gru_apps.serving_forecasts", "gru_apps.serving"),
    ("gru_apps.serving_generators", "gru_apps.decoding"),
    ("gru_apps.serving_generators", "gru_apps.serving"),
    ("gru_apps.serving_language", "gru_apps.decoding"),
    ("gru_apps.serving_language", "gru_apps.serving"),
    ("gru_apps.training", "gru_apps.checkpoints"),
    ("gru_apps.transformers", "gru_apps.embeddings"),
    ("gru_apps.transformers", "gru_apps.layers"),
    ("gru_apps.translators", "gru_apps.embeddings"),
    ("gru_apps.translators", "gru_apps.layers"),
}


def is_allowed(source: str, target: str) -> bool:
    if source in ("gru_apps", "gru_apps.__main__"):
        return True
    if source == "gru_apps.datasets":
        return target.startswith("gru_apps.datasets.")
    if source.startswith("gru_apps.datasets."):
        return target == "gru_apps.datasets.packages"
    return (source, target) in ARROWS


def imported_names(tree: ast.AST, package: str) -> set[str]:
    """Absolute dotted names of all that a module imports, inside functions too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join((parents if node.level else []) + [node.module or ""])
            names |= {f"{base.rstrip('.')}.{alias.name}" for alias in node.names}
    return names


def imports_of(module: str) -> set[str]:
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return imported_names(ast.parse(path.read_text("utf-8")), package)


def arrows_from(module: str) -> set[str]:
    """The modules of the package that `module` imports, or imports a name from."""
    return {
        name if name in FILES else name.rpartition(".")[0]
        for name in imports_of(module)
        if name.split(".")[0] == "gru_apps"
    } - {module}


def run_python(code: str) -> str:
    """What `code` prints when a fresh Python runs it at the root of the project."""
    command = [sys.executable, "-c", code]
    return subprocess.check_output(command, cwd=ROOT, text=True, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    "code",
    [
        "import gru_apps.layers",
        "from gru_apps import layers",
        "from gru_apps.layers import BahdanauAttention",
        "from . import layers",
        "from .layers import BahdanauAttention",
        "def build():\n    from gru_apps.layers import BahdanauAttention",
    ],
)
def test_no_way_to_import_a_module_goes_unseen(code):
    (name,) = imported_names(ast.parse(code), "gru_apps")
    assert name.startswith("gru_apps.layers")


@pytest.mark.parametrize("module", FILES)
def test_the_package_has_no_arrow_that_was_not_decided_on(module):
    assert not [to for to in arrows_from(module) if not is_allowed(module, to)]


@pytest.mark.parametrize("module", FILES)
def test_no_module_is_longer_than_250_lines(module):
    assert len(FILES[module].read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("module", FILES)
def test_modules_and_their_public_names_say_what_they_are(module):
    tree = ast.parse(FILES[module].read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and n.name[0] != "_"]
    assert ast.get_docstring(tree)
    assert not [node.name for node in public if not ast.get_docstring(node)]


def distributions(requirements: list[str]) -> set[str]:
    names = [re.match(r"[\w.-]+", requirement)[0] for requirement in requirements]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_the_declared_dependencies_are_what_the_library_imports():
    required = distributions(PROJECT["dependencies"])
    extras = PROJECT["optional-dependencies"]
    optional = distributions(extras["notebooks"] + extras["export"])
    known = packages_distributions()
    tops = {name.split(".")[0] for module in FILES for name in imports_of(module)}
    tops -= sys.stdlib_module_names | {"gru_apps"}
    imported = distributions([known.get(top, [top])[0] for top in tops])
    # pip is run as a program; importlib-resources is for tensorflow-datasets
    imported |= {"pip", "importlib-resources"}
    assert required <= imported <= required | optional


def test_requirements_pin_one_version_of_all_that_is_declared():
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if not line.startswith(("#", "-e .  "))]
    assert not [pin for pin in pins if not re.match(r"[a-z0-9-]+==[\w.]+( |$)", pin)]
    declared = sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
    assert distributions(declared) <= distributions(pins)


def test_importing_the_package_imports_nothing_from_outside_the_standard_library():
    loaded = run_python(
        "import sys; before = set(sys.modules); import gru_apps;"
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    assert set(loaded.split()) - sys.stdlib_module_names == {"gru_apps"}


def test_all_public_names_cost_a_tenth_of_what_they_stand_on():
    # in one process and in processor time, so that a busy machine changes little
    code = (
        "import sys, time; start = time.process_time();"
        "import tensorflow, keras, tensorflow_datasets; below = time.process_time();"
        "before = set(sys.modules); from gru_apps import *; end = time.process_time();"
        "print((end - below) / (below - start),"
        "*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    for _ in range(3):  # the least of several would do; the first is mostly enough
        cost, *loaded = run_python(code).split()
        if float(cost) < 0.1:
            break
    assert float(cost) < 0.1, f"loaded: {set(loaded) - sys.stdlib_module_names}"
