"""A folder that a room without a network can install from."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

from gru_apps.cli import commands, corpora, kit

ROOT = pathlib.Path(__file__).parents[2]
HERE = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of a few files that needs one small package."""
    home, root = tmp_path / "home", tmp_path / "project"
    (home / "elsewhere" / "tiny").mkdir(parents=True)
    monkeypatch.setenv("TFDS_DATA_DIR", str(home / "elsewhere"))
    monkeypatch.setattr(corpora, "not_prepared", lambda: [])
    for part in kit.PARTS:
        path = root / part
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(part) if "." in part else path.mkdir()
    (root / "requirements.txt").write_text("-e .\niniconfig==2.1.0  # via us\n")
    monkeypatch.chdir(root)
    return tmp_path


def test_a_kit_holds_wheels_corpora_the_project_and_a_page(project):
    folder = project / "stick"
    arguments = ["kit", str(folder), "--platforms", HERE, "--python", VERSION]
    assert commands.main(arguments) == 0
    wheels = {path.name for path in (folder / "wheels" / HERE).iterdir()}
    assert any(name.startswith("iniconfig-2.1.0") for name in wheels)
    assert (folder / kit.CORPORA / "tiny").exists()
    for part in kit.PARTS:
        assert (folder / "gru_apps_course" / part).exists()
    page = (folder / "START_HERE.html").read_text("utf-8")
    assert len(re.findall("<li>", page)) == 3
    # with the index switched off
    subprocess.run([sys.executable, "-m", "venv", project / "env"], check=True)
    python = project / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-index"]
    found = ["--find-links", folder / "wheels" / HERE, "iniconfig==2.1.0"]
    subprocess.run([*install, *found], check=True)


def test_what_there_is_no_wheel_of_is_named(project, capsys):
    pathlib.Path("requirements.txt").write_text("iniconfig==2.1.0\niniconfig-x==9\n")
    arguments = ["kit", str(project / "stick"), "--platforms", HERE]
    assert commands.main([*arguments, "--python", VERSION]) == 2
    assert f"no wheel for {HERE}: iniconfig-x==9" in capsys.readouterr().err


def test_a_source_package_becomes_a_wheel_for_any_system(project):
    pathlib.Path("requirements.txt").write_text("iniconfig==2.1.0\npromise==2.3\n")
    arguments = ["kit", str(project / "stick"), "--platforms", "linux", "windows"]
    assert commands.main([*arguments, "--python", VERSION]) == 0
    for name in ("linux", "windows"):
        names = {path.name for path in (project / "stick" / "wheels" / name).iterdir()}
        assert "promise-2.3-py3-none-any.whl" in names
        assert any(name.startswith("iniconfig-2.1.0") for name in names)


def test_without_a_network_no_wheel_is_said_to_be_missing(project, capsys, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    folder = project / "stick"
    assert commands.main(["kit", str(folder), "--platforms", "linux", "windows"]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "pip cannot fetch the wheels for linux" in said
    assert not (folder / "START_HERE.html").exists()


def test_corpora_that_are_not_prepared_are_named(project, capsys, monkeypatch):
    monkeypatch.setattr(corpora, "not_prepared", lambda: ["cedict", "digits"])
    assert commands.main(["kit", str(project / "stick")]) == 2
    said = capsys.readouterr().err
    assert "There is no cedict in" in said and "python -m gru_apps data" in said


def test_a_folder_without_a_name_and_that_of_the_project_are_refused(project, capsys):
    for command in ("kit", "workshop"):
        with pytest.raises(SystemExit):
            commands.main([command, ""])
        assert "it must name a folder" in capsys.readouterr().err
    assert commands.main(["kit", "."]) == 2
    assert "must not be the folder of the project" in capsys.readouterr().err


def test_outside_the_project_a_kit_is_refused(project, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert commands.main(["kit", str(tmp_path / "stick")]) == 2
    assert "in the folder of the project" in capsys.readouterr().err


@pytest.mark.parametrize("name", kit.PLATFORMS)
def test_the_requirements_of_each_platform_are_its_own(name):
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    wanted = kit.requirements_for(lines, kit.PLATFORMS[name], "3.12")
    names = {line.split("==")[0] for line in wanted}
    assert ("appnope" in names) == (name == "macos")
    assert ("pywinpty" in names) == (name == "windows")
    assert ("pexpect" in names) == (name != "windows")
    assert {"tensorflow", "keras", "jupyterlab"} <= names
