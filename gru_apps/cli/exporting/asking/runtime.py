"""Runs the networks of an exported folder, by ONNX Runtime or LiteRT, and NumPy."""

import json
import pathlib
import sys

import numpy as np


class Networks:
    """The networks of a folder, and the plain data that they are asked with.

    Called with the name of a network and its inputs by name, arrays whose first axis is
    the batch, it returns the outputs by name.
    """

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.encoding = _read(_json, folder / "encoding.json")
        described = _read(_json, folder / "networks.json")
        self._runs, self._made = {}, {}
        for name, network in described["networks"].items():
            path = str(folder / network["file"])
            start = _onnx if path.endswith(".onnx") else _litert
            self._runs[name] = _read(start, path, network)

    def __call__(self, name, **inputs):
        return self._runs[name](inputs)

    def made(self, make, name):
        """Returns what is made of a part of the encoding, once."""
        if name not in self._made:
            self._made[name] = make(self.encoding[name])
        return self._made[name]


def _read(how, path, *network):
    try:
        return how(path, *network)
    except ImportError:
        raise
    except Exception as error:  # each runtime has its own
        why = (str(error).splitlines() or [""])[0]
        raise ValueError(f"{path} cannot be read: {why}") from None


def _json(path):
    return json.loads(path.read_text("utf-8"))


def _onnx(path, network):
    import onnxruntime

    session = onnxruntime.InferenceSession(path)
    outputs = {output["in_file"]: name for name, output in network["outputs"].items()}
    places = {name: given["in_file"] for name, given in network["inputs"].items()}

    def run(inputs):
        asked = {places[name]: array for name, array in inputs.items()}
        answers = session.run(list(outputs), asked)
        return dict(zip(outputs.values(), answers, strict=True))

    return run


def _litert(path, network):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(path).get_signature_runner()

    def run(inputs):
        # the file takes a batch of one
        number = len(next(iter(inputs.values())))
        rows = [
            runner(**{name: array[row : row + 1] for name, array in inputs.items()})
            for row in range(number)
        ]
        return {
            name: np.concatenate([row[name] for row in rows])
            for name in network["outputs"]
        }

    return run


def main(ask, asked="", most=None):
    """Asks the networks of this folder what stands on the command line.

    `ask` takes them and the arguments, and prints; `asked` says what one argument must
    be, "" if there need be none, and `most` how many there may be. What cannot be
    answered is said in a sentence on standard error, and the exit code is 2.
    """
    if sys.stdout:
        sys.stdout.reconfigure(errors="replace")  # not every terminal writes Chinese
    arguments = sys.argv[1:]
    try:
        if asked and not arguments:
            raise ValueError(f"Name {asked} after ask.py.")
        if most is not None and len(arguments) > most:
            raise ValueError(f"Too much stands after ask.py: {arguments[most]}")
        ask(Networks(pathlib.Path(__file__).parent), arguments)
    except (ValueError, OSError, OverflowError, ImportError) as error:
        said = str(error)
        if isinstance(error, ModuleNotFoundError):
            package = (error.name or "").split(".")[0].replace("_", "-")
            said = f"{package} is not installed: python -m pip install {package}"
        if isinstance(error, OSError) and error.filename and error.strerror:
            said = f"{error.filename}: {error.strerror}"
        print("ask.py: error:", " ".join(said.split()), file=sys.stderr)
        sys.exit(2)


def print_each(asked, answers):
    """Prints the answers to each question, below it where there are several."""
    for place, question in enumerate(asked):
        if len(asked) > 1:
            print(question)
        for name, values in answers.items():
            print(name, values[place])


def checked_texts(texts):
    """Returns a list of texts, or of bytes, as texts.

    Raises `ValueError` for one text alone, what is no text, and what is not UTF-8.
    """
    if isinstance(texts, str | bytes):
        raise ValueError(f"Texts must be in a list. Received: {ascii(texts[:80])}")
    texts = [t.decode(errors="replace") if isinstance(t, bytes) else t for t in texts]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"A text must be one. Received: {ascii(text)[:80]}")
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise ValueError(f"A text must be UTF-8. Received: {ascii(text[:80])}")
    return texts


def columns(rows, names):
    """Returns what stands in each place of rows as a list by name, none of no rows."""
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def drawing(temperature, seed):
    """Returns a temperature, 0 where none can be divided by, and a source of numbers.

    Raises `ValueError` for a temperature that is not finite, and at least 0.
    """
    if not 0 <= temperature < np.inf:
        raise ValueError(
            f"`temperature` must be finite, and at least 0. Received: {temperature:g}"
        )
    least = np.finfo("float32").tiny
    draw = np.random.default_rng(seed % 2**64)
    return temperature if temperature >= least else 0, draw


def padded(rows, dtype="int32"):
    """Makes one array of rows of unlike lengths, zeros on their right.

    >>> padded([[5, 2], [7]]).tolist()
    [[5, 2], [7, 0]]
    """
    length = max(1, *map(len, rows))
    table = np.zeros((len(rows), length, *np.shape(rows[0])[1:]), dtype)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table


def softmax(logits):
    """Returns probabilities, which add up to 1 along the last axis.

    >>> softmax(np.zeros(2)).tolist()
    [0.5, 0.5]
    """
    exponents = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return exponents / exponents.sum(axis=-1, keepdims=True)
