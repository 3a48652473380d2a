"""Writes a folder with the networks of a SavedModel, their encoding, and an example."""

import importlib
import importlib.util
import json
import pathlib
import re
import shutil
import tempfile
import warnings
from types import ModuleType

import numpy as np
import tensorflow as tf

from gru_apps.cli import console, saved_models, streams
from gru_apps.cli.exporting.asking import runtime
from gru_apps.cli.exporting.trained import Trained
from gru_apps.serving import conversion

FORMATS = {
    "litert": (".tflite", conversion.export_litert, ("ai_edge_litert",)),
    "onnx": (".onnx", conversion.export_onnx, ("onnx", "onnxruntime", "tf2onnx")),
}
RUNTIMES = {"litert": "ai-edge-litert", "onnx": "onnxruntime"}
HERE = pathlib.Path(__file__).parent
NETWORKS = "networks.json"
_OURS = re.compile(r"from gru_apps\.([.\w]+) import (.+)")
_PACKAGE = HERE.parents[1]


def answer(asked) -> None:
    """Exports what the command line asks for, and prints what was written."""
    options = {"out": asked.out, "quantize": asked.quantize}
    folder = export(asked.saved_models, asked.name, asked.to, **options)
    names = [*json.loads((folder / NETWORKS).read_text("utf-8"))["files"], NETWORKS]
    sizes = [(name, (folder / name).stat().st_size / 1000) for name in sorted(names)]
    console.print_table([[name, f"{size:.0f} kB"] for name, size in sizes])
    line = console.command_line("python", str(folder / "ask.py"))
    streams.write(f"They are in {folder}. Ask the networks: {line}")


def export(
    folder: pathlib.Path,
    name: str,
    to: str,
    *,
    out: pathlib.Path | None = None,
    quantize: str | None = None,
) -> pathlib.Path:
    """Exports the networks of the newest SavedModel `name` of a folder.

    Returns the folder `out`, `build/exports/NAME-TO` if none is named, or, quantized,
    `NAME-TO-QUANTIZE`. The files are written beside it, and take the places of those of
    an earlier export once they have answered as the SavedModel does; quantized, they
    may answer otherwise. Raises `ValueError` for a name that is not there or cannot be
    exported, for a folder of something else, and for answers that differ; `ImportError`
    where the packages of the format are not installed.
    """
    path = saved_models.find(folder, name)
    known = recipe(name)
    _require(FORMATS[to][2])
    parts = [name, to, quantize] if quantize else [name, to]
    out = out or pathlib.Path("build", "exports", "-".join(parts))
    earlier = _earlier_files(out)
    trained = Trained(path)
    out.parent.mkdir(parents=True, exist_ok=True)
    # on the same disk, so that a full one takes nothing away
    with tempfile.TemporaryDirectory(prefix=".export-", dir=out.parent) as new:
        new = pathlib.Path(new)
        about = {"name": name, "format": to, "quantize": quantize}
        about |= {"runtime": RUNTIMES[to]}
        about["networks"] = _write_networks(known.networks(trained), new, to, quantize)
        _write_json(new / "encoding.json", known.encoding(trained))
        _copy_example(name, new)
        about["files"] = sorted(path.name for path in new.iterdir())
        _write_json(new / NETWORKS, about, indent=2)
        if not quantize:
            compare(known, name, trained, runtime.Networks(new))
        _replace(new, out, earlier)
    return out


def _write_networks(networks, folder, to, quantize):
    """Writes the files, and returns what they take and answer, by name."""
    suffix, write, _ = FORMATS[to]
    described = {}
    for part, (model, example) in networks.items():
        file = folder / f"{part}{suffix}"
        with warnings.catch_warnings(action="ignore"):  # of tf2onnx and Keras
            write(model, file, example, quantize=quantize)
        described[part] = _described(model, example, file)
    return described


def _replace(new, out, earlier):
    """Moves files into a folder, in the places of those of an earlier export.

    Raises `ValueError` if one of another origin has the name of a new one.
    """
    for path in new.iterdir():
        if path.name not in [*earlier, NETWORKS] and (out / path.name).exists():
            raise ValueError(
                f"{out / path.name} must not be there, or be of an earlier export."
            )
    out.mkdir(parents=True, exist_ok=True)
    for name in earlier:
        (out / name).unlink(missing_ok=True)
    for path in new.iterdir():
        shutil.move(path, out / path.name)


def names() -> list[str]:
    """Returns the applications whose networks can be exported."""
    return sorted(path.stem for path in (HERE / "asking").glob("*.py") if _has(path))


def _has(path):
    return path.name != "__init__.py" and (HERE / path.name).exists()


def recipe(name: str) -> ModuleType:
    """Returns the module that knows the networks of an application, and its encoding.

    Raises `ValueError` if there is none.
    """
    if name not in names():
        raise ValueError(
            f"The networks of {name!r} are not known here, so they cannot be exported. "
            f"Those that can are of {', '.join(names())}. For a model of your own, see "
            "export_litert and export_onnx of gru_apps.serving.conversion."
        )
    return importlib.import_module(f"gru_apps.cli.exporting.{name}")


def example(name: str) -> ModuleType:
    """Returns the module that is written into the folder as `ask.py`."""
    return importlib.import_module(f"gru_apps.cli.exporting.asking.{name}")


def _require(packages):
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f"This format needs {', '.join(missing)}, which "
            f"{'is' if len(missing) == 1 else 'are'} not installed: "
            'python -m pip install ".[export]"'
        )


def _earlier_files(out):
    """Returns the names of the files of an earlier export, which will be removed.

    Raises `ValueError` for a folder of something else, and for a list of files that
    may lie elsewhere.
    """
    _check_folder(out)
    if not (listed := out / NETWORKS).exists():
        return []
    try:
        names = json.loads(listed.read_text("utf-8"))["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        names = None
    if not isinstance(names, list):
        raise ValueError(f"{listed} must list `files`, as an export writes it.")
    for name in names:
        if not _is_plain(name) or (out / name).is_dir():
            raise ValueError(
                f"{listed} must list plain names of files. Received: {name!r}"
            )
    return names


def _is_plain(name):
    # on Windows C:a.txt lies elsewhere, too
    return isinstance(name, str) and not (
        name in ("", ".", "..") or set("/\\:\0") & set(name)
    )


def _check_folder(out):
    if out.is_dir() and not (out / NETWORKS).exists():
        if others := sorted(path.name for path in out.iterdir()):
            raise ValueError(
                f"{out} must be empty, or an earlier export. It holds {others[0]!r}."
            )
    elif out.exists() and not out.is_dir():
        raise ValueError(f"{out} must be a folder, and is a file.")


def _described(model, example, file):
    inputs, outputs = conversion.describe_inputs_and_outputs(model, example)
    if file.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(file)
        for described, tensors in (
            (inputs, session.get_inputs()),
            (outputs, session.get_outputs()),
        ):
            for value, tensor in zip(described.values(), tensors, strict=True):
                value["in_file"] = tensor.name
    return {"file": file.name, "inputs": inputs, "outputs": outputs}


def _write_json(path, thing, indent=None):
    text = json.dumps(thing, ensure_ascii=False, indent=indent)
    path.write_text(text + "\n", encoding="utf-8")


def _copy_example(name, folder):
    """Copies the example, and the modules of ours that it imports, side by side."""
    left, done = [(HERE / "asking" / f"{name}.py", "ask")], set()
    while left:
        path, file = left.pop()
        text = path.read_text("utf-8")
        for package, others in _OURS.findall(text):
            beside = _PACKAGE.joinpath(*package.split("."))
            new = set(others.split(", ")) - done
            left += [(beside / f"{n}.py", n) for n in new]
            done |= new
        text = _OURS.sub(r"import \2", text)
        (folder / f"{file}.py").write_text(text, encoding="utf-8")


def compare(known, name, trained, networks):
    """Asks both the folder and the SavedModel; `ValueError` if answers differ."""
    ask = trained.loaded.signatures[known.SIGNATURE]
    specs = ask.structured_input_signature[1]
    inputs = {k: tf.constant(v, specs[k].dtype) for k, v in known.QUESTION.items()}
    expected = {key: value.numpy() for key, value in ask(**inputs).items()}
    for key, found in example(name).answer(networks, **known.QUESTION).items():
        found, wanted = np.asarray(found), expected[key]
        if wanted.dtype == object:
            same = np.array_equal(found, np.vectorize(bytes.decode)(wanted))
        else:
            same = np.allclose(found, wanted, rtol=1e-3, atol=1e-4)
        if not same:
            raise ValueError(
                f"{key} must be as the SavedModel of {name} says, {wanted}. "
                f"Received: {found}"
            )
