"""A folder for a stick: all that a room without a network needs."""

import html
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

from gru_apps.cli import corpora, requirements, streams

# what a participant's copy of the project holds
PARTS = ["benchmarks", "gru_apps", "notebooks", "saved_models", "Makefile", "README.md"]
PARTS += ["CONTRIBUTING.md", "RESULTS.md", "TEACHING.md", "LICENSE"]
PARTS += ["pyproject.toml", "requirements.txt"]
IGNORED = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.egg-info")
CORPORA = "tensorflow_datasets"
# what pip says of an index that it cannot reach, before it says that nothing matches
_OFFLINE = re.compile(r"Retrying \(|connection|Could not fetch URL", re.IGNORECASE)


class Platform(NamedTuple):
    """How pip names a system, what its markers say of it, and how its shell does."""

    tags: tuple[str, ...]
    markers: dict[str, str]
    commands: tuple[str, ...]


_UNIX = (
    "python{version} -m venv .venv && .venv/bin/python -m pip install --no-index"
    " --find-links ../wheels/{name} -r requirements.txt",
    "mkdir -p ~/{corpora} && cp -Rn ../{corpora}/. ~/{corpora}/",
    ".venv/bin/python -m gru_apps check && .venv/bin/python -m jupyterlab notebooks",
)
_WINDOWS = (
    "py -{version} -m venv .venv && .venv\\Scripts\\python -m pip install --no-index"
    " --find-links ..\\wheels\\{name} -r requirements.txt",
    'xcopy /E /I /D /Y "..\\{corpora}" "%USERPROFILE%\\{corpora}"',
    ".venv\\Scripts\\python -m gru_apps check && .venv\\Scripts\\python -m jupyterlab"
    " notebooks",
)
PLATFORMS = {
    "linux": Platform(
        tuple(f"manylinux_2_{minor}_x86_64" for minor in range(5, 36))
        + ("manylinux2014_x86_64", "linux_x86_64"),
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
        | {"platform_machine": "x86_64"},
        _UNIX,
    ),
    "macos": Platform(
        tuple(f"macosx_{major}_0_{kind}" for major in range(11, 16)
              for kind in ("arm64", "universal2")),
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
        | {"platform_machine": "arm64"},
        _UNIX,
    ),
    "windows": Platform(
        ("win_amd64",),
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
        | {"platform_machine": "AMD64"},
        _WINDOWS,
    ),
}  # fmt: skip


def make_kit(folder: pathlib.Path, platforms, version: str = "3.12") -> list[str]:
    """Fills `folder` with wheels, corpora, the project, and a page that begins.

    `platforms` are of `PLATFORMS`, `version` is that of Python there. Wheels that are
    there are not fetched again; files of the project and of corpora are written anew. A
    source package of Python alone is made a wheel. Returns the requirements, `platform:
    name`, that have no wheel then. Raises `ValueError` for another platform and for the
    folder of the project, `FileNotFoundError` outside the project and where a corpus is
    not prepared, and `ConnectionError` if pip cannot fetch a wheel.
    """
    unknown = sorted(set(platforms) - PLATFORMS.keys())
    if unknown:
        raise ValueError(
            f"Platforms are {', '.join(PLATFORMS)}. Received: {', '.join(unknown)}"
        )
    if folder.resolve() == pathlib.Path.cwd().resolve():
        raise ValueError(f"{folder} must not be the folder of the project.")
    kept = corpora.folder()
    if absent := corpora.not_prepared():
        raise FileNotFoundError(
            f"There is no {absent[0]} in {kept}: run python -m gru_apps data"
        )
    project, missing = folder / "gru_apps_course", []
    for part in PARTS:
        _copy(pathlib.Path(part), project / part)
        streams.write(f"{project / part}")
    shutil.copytree(kept, folder / CORPORA, dirs_exist_ok=True)
    streams.write(f"{folder / CORPORA}")
    for name in platforms:
        missing += _fetch_wheels(folder / "wheels" / name, name, version)
        streams.write(f"{folder / 'wheels' / name}")
    page = folder / "START_HERE.html"
    page.write_text(_page(platforms, version), encoding="utf-8")
    streams.write(f"{page}: open it first")
    return missing


def requirements_for(lines, platform: Platform, version: str) -> list[str]:
    """Returns the lines of requirements.txt that hold for a platform, markers left out.

    >>> lines = ["-e .", "six==1.17.0  # via us", 'appnope==1 ; sys_platform == "x"']
    >>> requirements_for(lines, PLATFORMS["linux"], "3.12")
    ['six==1.17.0']
    """
    environment = platform.markers | {
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    held = requirements.that_hold(lines, environment)
    return [f"{requirement.name}{requirement.specifier}" for requirement in held]


def _fetch_wheels(folder, name, version):
    """Lets pip fetch all wheels at once, and make those of which there is none."""
    platform = PLATFORMS[name]
    lines = pathlib.Path("requirements.txt").read_text(encoding="utf-8").splitlines()
    # the project itself is built where it is installed
    wanted = [*requirements_for(lines, platform, version), "wheel"]
    folder.mkdir(parents=True, exist_ok=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps"]
    options = [option for tag in platform.tags for option in ("--platform", tag)]
    options += ["--python-version", version, "--only-binary", ":all:"]
    missing = []
    while said := _run(["download", *quiet, "--dest", folder, *options, *wanted]):
        found = re.search(r"No matching distribution found for (\S+)", said)
        if not found or found[1] not in wanted or _OFFLINE.search(said):
            raise ConnectionError(
                f"pip cannot fetch the wheels for {name}: {_last_error(said)}"
            )
        wanted.remove(found[1])
        if not _make_wheel(found[1], folder, quiet):
            missing.append(f"{name}: {found[1]}")
    return missing


def _make_wheel(requirement, folder, quiet):
    """Makes a wheel of a source package, and keeps it if any system can take it."""
    with tempfile.TemporaryDirectory() as made:
        _run(["wheel", *quiet, "--wheel-dir", made, requirement])
        wheels = list(pathlib.Path(made).glob("*-none-any.whl"))
        for wheel in wheels:
            shutil.copy(wheel, folder)
        return bool(wheels)


def _run(arguments):
    """Runs pip, and returns what it says if it fails, or nothing."""
    command = [sys.executable, "-m", "pip", *arguments]
    said = {"capture_output": True, "text": True, "errors": "replace"}
    result = subprocess.run(command, **said)
    if not result.returncode:
        return ""
    return result.stderr or "pip failed"


def _last_error(said):
    lines = said.splitlines()
    return ([line for line in lines if "ERROR" in line] or lines)[-1]


def _copy(source, target):
    if not source.exists():
        raise FileNotFoundError(
            f"{source} is not here: run this in the folder of the project."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=IGNORED, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)


def _page(platforms, version):
    sections = []
    for name in platforms:
        steps = "".join(
            "<li><pre>"
            + html.escape(line.format(name=name, version=version, corpora=CORPORA))
            + "</pre></li>"
            for line in PLATFORMS[name].commands
        )
        sections.append(f"<h2>{name.capitalize()}</h2><ol>{steps}</ol>")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        "<title>Start here: gru_apps</title>"
        "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 "
        "1em}pre{background:#f4f4f2;padding:.7em;white-space:pre-wrap}</style>"
        "<h1>A course on gated recurrent units</h1>"
        f"<p>You need Python {version}; no network. Copy this whole folder to your "
        "disk. Open a terminal in the folder <code>gru_apps_course</code>, and type "
        "three commands, one after the other. (On Windows, use the Command Prompt.)</p>"
        + "".join(sections)
        + "<p>The last command says whether all is there: where a line begins with "
        "<code>!</code>, do what it says. Then JupyterLab opens in your browser. Begin "
        "with "
        "<code>00a_the_gru_by_hand.ipynb</code>. In any notebook, "
        "<code>train = False</code> loads trained weights in seconds.</p></html>\n"
    )
