"""Makes all variables of a model, and of its training, before the first step.

If some came with that step, TensorFlow would make its graph twice.
"""

import contextlib

import keras
import tensorflow as tf


def build_all(model: keras.Model, spec) -> None:
    """Makes the variables of a compiled model, its optimizer and its metrics.

    `spec` is that of a batch, as `tf.data.Dataset.element_spec` has it; no batch is
    drawn. What cannot be built from it, Keras builds in the first step, or refuses.
    """
    with contextlib.suppress(Exception):
        inputs, *_ = keras.utils.unpack_x_y_sample_weight(_symbols(spec))
        if not model.built:
            model(inputs)
    build_optimizer(model)
    metrics = model._compile_metrics
    with contextlib.suppress(Exception):
        if metrics is not None and not metrics.built:
            model._symbolic_build(data_batch=_symbols(spec))


def build_optimizer(model: keras.Model) -> None:
    """Makes the variables of the optimizer of a compiled model.

    A model with a layer that still waits for inputs, or with nothing to train, is left
    as it is.
    """
    variables = model.trainable_variables
    is_whole = all(layer.built for layer in model._flatten_layers())
    if variables and is_whole and not model.optimizer.built:
        model.optimizer.build(variables)


@contextlib.contextmanager
def no_batch_drawn(model: keras.Model, spec):
    """Builds what is left by `spec`, for Keras would draw a batch that no epoch has.

    With TensorFlow it does so under a strategy alone, and then before each epoch.
    """
    names = {"tensorflow": "_maybe_symbolic_build"}
    name = names.get(keras.backend.backend(), "_symbolic_build")
    with contextlib.suppress(Exception):  # then Keras builds it, or says what is wrong
        if name == "_symbolic_build" or model._distribute_strategy is not None:
            model._symbolic_build(data_batch=_symbols(spec))
            vars(model)[name] = lambda **_: None
    try:
        yield
    finally:
        vars(model).pop(name, None)


def _symbols(spec):
    return tf.nest.map_structure(
        lambda each: keras.KerasTensor(each.shape, each.dtype.name), spec
    )
