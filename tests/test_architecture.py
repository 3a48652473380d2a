"""The floors, sizes and costs that the package keeps to."""

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
OTHER_BACKENDS = ["jax", "torch"]  # extras, which are gigabytes where one has a GPU

# A folder may import from floors below its own, and from nothing beside it.
FLOORS = [
    {"datasets", "encoding", "models", "training", "inspection", "decoding"},
    {"baselines", "serving"},
    {"applications", "course"},
    {"cli"},
]
FLOOR_OF = {folder: floor for floor, names in enumerate(FLOORS) for folder in names}
TOP = len(FLOORS)  # `gru_apps` itself and `__main__`


def folder_of(module: str) -> str:
    """Folders of applications are two words long, `applications.music`, others one."""
    parts = module.split(".")[1:]
    return ".".join(parts[: 2 if parts[:1] == ["applications"] else 1])


def is_allowed(source: str, target: str) -> bool:
    here, there = folder_of(source), folder_of(target)
    floors = [FLOOR_OF.get(name.split(".")[0], TOP) for name in (here, there)]
    return here == there or floors[0] > floors[1]


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
        "import gru_apps.models.layers",
        "from gru_apps.models import layers",
        "from gru_apps.models.layers import BahdanauAttention",
        "from .models import layers",
        "from .models.layers import BahdanauAttention",
        "def build():\n    from gru_apps.models.layers import BahdanauAttention",
    ],
)
def test_no_way_to_import_a_module_goes_unseen(code):
    (name,) = imported_names(ast.parse(code), "gru_apps")
    assert name.startswith("gru_apps.models.layers")


@pytest.mark.parametrize("module", FILES)
def test_no_module_imports_from_its_own_floor_or_from_above(module):
    assert not [to for to in arrows_from(module) if not is_allowed(module, to)]


def test_the_top_holds_folders_alone_and_each_has_a_floor():
    folders = {folder_of(module) for module in FILES} - {"", "__main__"}
    assert {folder.split(".")[0] for folder in folders} == FLOOR_OF.keys()
    assert not [f for f in folders if f"gru_apps.{f}" not in FILES]


def test_gates_may_be_copied_out_of_the_package():
    assert not arrows_from("gru_apps.inspection.gates")


@pytest.mark.parametrize("module", FILES)
def test_no_module_is_longer_than_250_lines(module):
    assert len(FILES[module].read_text("utf-8").splitlines()) <= 250


@pytest.mark.parametrize("module", FILES)
def test_modules_and_their_public_names_say_what_they_are(module):
    tree = ast.parse(FILES[module].read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and n.name[0] != "_"]
    # the judge of an exercise has a hint in the place of a docstring
    public = [n for n in public if "exercise(" not in ast.unparse(n).split("def ")[0]]
    assert ast.get_docstring(tree)
    assert not [node.name for node in public if not ast.get_docstring(node)]


# a folder of these has a module for each corpus, notebook, application or SavedModel
LISTS = ["applications", "datasets", "course.exercises", "cli.exporting"]
LISTS = {f"gru_apps.{name}" for name in [*LISTS, "cli.exporting.asking"]}
PACKAGES = [n for n, path in FILES.items() if path.name == "__init__.py"]


@pytest.mark.parametrize("package", [n for n in PACKAGES if n not in LISTS])
def test_a_package_says_what_each_of_its_modules_is_for(package):
    said = ast.get_docstring(ast.parse(FILES[package].read_text("utf-8")))
    inside = [name for name in FILES if name.rpartition(".")[0] == package]
    names = {name.rpartition(".")[2] for name in inside} - {"__main__"}
    assert names <= set(re.findall("`(\\w+)`", said))


def distributions(requirements: list[str]) -> set[str]:
    names = [re.match(r"[\w.-]+", requirement)[0] for requirement in requirements]
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def test_the_declared_dependencies_are_what_the_library_imports():
    required = distributions(PROJECT["dependencies"])
    extras = PROJECT["optional-dependencies"]
    names = ["notebooks", "export", "play", *OTHER_BACKENDS]
    optional = distributions(sum([extras[name] for name in names], []))
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
    extras = PROJECT["optional-dependencies"].items()
    pinned = [needs for name, needs in extras if name not in OTHER_BACKENDS]
    declared = sum(pinned, PROJECT["dependencies"])
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
