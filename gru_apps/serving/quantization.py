"""Smaller weights for networks that are converted: halves, or eight bits.

float16 keeps weights in two bytes and computes in float32 all the same. int8 is that of
the runtimes, called dynamic: weights are integers, and what flows is rounded to
integers at each matrix product, by its range there. In an ONNX file, products within
a loop are computed in float32, from weights of eight bits.
"""

import contextlib
import logging
import pathlib
import tempfile

import numpy as np
import tensorflow as tf

from gru_apps.serving.export import LARGE

QUANTIZATIONS = ("float16", "int8")


def check(quantize: str | None) -> None:
    """Raises `ValueError` for what is no way to store weights."""
    if quantize not in (None, *QUANTIZATIONS):
        raise ValueError(
            f"`quantize` must be None or one of {QUANTIZATIONS}. "
            f"Received: quantize={quantize!r}"
        )


def of_converter(converter: tf.lite.TFLiteConverter, quantize: str | None) -> None:
    """Tells a converter to LiteRT how to store weights."""
    check(quantize)
    if quantize:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if quantize == "float16":
        converter.target_spec.supported_types = [tf.float16]


def of_onnx(content: bytes, quantize: str | None) -> bytes:
    """Stores the weights of an ONNX file otherwise."""
    check(quantize)
    return {None: bytes, "float16": _halved, "int8": _in_eight_bits}[quantize](content)


def _halved(content):
    import onnx
    from onnx import numpy_helper

    model = onnx.load_from_string(content)
    casts = []
    for weight in model.graph.initializer:
        if weight.data_type == onnx.TensorProto.FLOAT and np.prod(weight.dims) >= LARGE:
            name, half = weight.name, numpy_helper.to_array(weight).astype("float16")
            weight.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
            cast = onnx.helper.make_node("Cast", [weight.name], [name], to=1)  # float32
            casts.append(cast)
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model.SerializeToString()


@contextlib.contextmanager
def _silence():
    """Keeps remarks about shapes, which a loop leaves open, from the screen."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _in_eight_bits(content):
    import onnx
    from onnxruntime import quantization

    model = onnx.load_from_string(content)
    with tempfile.TemporaryDirectory() as folder, _silence():
        path = pathlib.Path(folder, "model.onnx")
        quantization.quantize_dynamic(
            model,
            path,
            weight_type=quantization.QuantType.QInt8,
            extra_options={"EnableSubgraph": True},
        )
        return path.read_bytes()
