"""Fingerprints of what a training depends on besides its data: settings and code."""

import dis
import functools
import hashlib
import inspect
import re
import sys
import types
import warnings
from collections.abc import Mapping

import keras
import numpy as np

# what these hold is told by the rest, or is nothing that a training depends on
_TOLD = {"history", "optimizer", "loss", "name"}
_TOLD |= {"stop_training", "stop_evaluating", "stop_predicting"}


class Fingerprint:
    """A digest of values, functions with what they close over, and Keras's objects.

    `digest` is the same in every process in which all of it is. `unknown` names what
    could not be looked into.
    """

    def __init__(self, value):
        self.unknown: list[str] = []
        self._parts, self._seen = hashlib.sha256(), {}
        self._add(value, type(value).__name__)
        self.digest = self._parts.hexdigest()

    def _say(self, *words):
        self._parts.update("\0".join(map(str, words)).encode() + b"\1")

    def _add(self, value, name):
        plain = (bool, int, float, complex, bytes, types.NoneType, types.EllipsisType)
        if isinstance(value, plain):
            return self._say(type(value).__name__, value)
        if isinstance(value, str):
            # Keras numbers names, anew in each process
            return self._say("str", re.sub(r"_\d+$", "", value))
        if id(value) in self._seen:
            return self._say("seen", self._seen[id(value)][0])
        self._seen[id(value)] = len(self._seen), value  # kept, or its id comes again
        if isinstance(value, Mapping):
            return self._add_mapping(value, name)
        if isinstance(value, (list, tuple)):
            self._say(type(value).__name__, len(value))
            return [self._add(item, name) for item in value]
        if isinstance(value, (set, frozenset)):
            marks = [Fingerprint(item) for item in value]
            self.unknown += [name for mark in marks if mark.unknown]
            return self._say("set", *sorted(mark.digest for mark in marks))
        for kind, add in self._kinds():
            if isinstance(value, kind):
                return add(value, name)
        return self._add_object(value, name)

    def _kinds(self):
        functions = (types.FunctionType, types.MethodType, functools.partial)
        named = (types.BuiltinFunctionType, types.ModuleType, np.ufunc, np.dtype)
        return [
            (functions, self._add_function),
            (types.CodeType, self._add_code),
            (type, self._add_class),
            (named, lambda value, _: self._say("named", _name_of(value))),
            (keras.Variable, lambda value, _: self._say(value.shape, value.dtype)),
            ((np.ndarray, np.generic), self._add_array),
        ]

    def _add_mapping(self, value, name):
        self._say("mapping", len(value))
        for key, item in value.items():
            self._say(key)
            if key == "shared_object_id":  # an address
                continue
            if {*value} == {"value"} and isinstance(item, (list, tuple)):
                continue  # of a lambda, with its place in a file: its code is told
            self._add(item, f"{name}.{key}")

    def _add_array(self, value, name):
        if value.dtype.hasobject:
            return self._add(value.tolist(), name)
        value = np.ascontiguousarray(value)
        self._say("array", value.dtype, value.shape)
        self._parts.update(value.tobytes())

    def _add_function(self, value, name):
        if isinstance(value, functools.partial):
            return self._add([value.func, value.args, value.keywords], name)
        if isinstance(value, types.MethodType):
            return self._add([value.__func__, value.__self__], name)
        value = inspect.unwrap(value)
        self._say("function", _name_of(value))
        if _is_foreign(value) or not isinstance(value, types.FunctionType):
            return
        self._add(value.__code__, name)
        self._add([value.__defaults__, value.__kwdefaults__], name)
        closure = inspect.getclosurevars(value).nonlocals
        used = sorted(_globals_in(value.__code__) & {*value.__globals__})
        for key, item in closure.items():
            if key != "__class__":  # which holds the function itself
                self._say(key)
                self._add(item, f"{name}.{key}")
        for key in used:
            self._say(key)
            self._add(value.__globals__[key], key)

    def _add_code(self, value, name):
        self._say("code", value.co_code.hex(), value.co_names, value.co_varnames)
        self._add(value.co_consts, name)

    def _add_class(self, value, name):
        self._say("class", _name_of(value))
        if _is_foreign(value):
            return
        self._add(value.__bases__, name)
        for key, item in sorted(vars(value).items()):
            if isinstance(item, (classmethod, staticmethod)):
                item = item.__func__
            if isinstance(item, property):
                item = [item.fget, item.fset]
            if key != "_abc_impl" and (not key.startswith("__") or callable(item)):
                self._say(key)
                self._add(item, f"{value.__name__}.{key}")

    def _add_object(self, value, name):
        kind = type(value)
        self._add(kind, name)
        if isinstance(value, keras.Model):
            return self._add_model(value, name)
        if hasattr(value, "python_function"):  # of a `tf.function`
            return self._add(value.python_function, name)
        if hasattr(value, "__array__"):  # a tensor
            try:
                return self._add_array(np.asarray(value), name)
            except (TypeError, ValueError, NotImplementedError):
                return self.unknown.append(name)
        config, attributes = _config_of(value), _attributes_of(value)
        self._add([config, attributes], name)
        if config is None and not attributes and _is_foreign(kind):
            self.unknown.append(f"{name} ({kind.__name__})")

    def _add_model(self, model, name):
        """What is in a model, less the weights' values, which training changes."""
        config = _config_of(model)
        self._add([config, _attributes_of(model)], name)
        if config is None and _is_foreign(type(model)):
            self.unknown.append("the way through the model's layers")
        for layer in model._flatten_layers(include_self=False):
            if not isinstance(layer, keras.Model):
                self._add(layer, layer.name)
            if not layer.trainable or isinstance(layer, keras.layers.Normalization):
                self._add([np.asarray(v) for v in layer.weights], layer.name)
        self._say(*[f"{v.shape} {v.dtype} {v.trainable}" for v in model.weights])


def _config_of(value):
    try:
        with warnings.catch_warnings(action="ignore"):  # of lambdas, that are not saved
            return value.get_config()
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None  # its attributes tell


def _attributes_of(value):
    """What code that is not Keras's has set on an object, or a part of it."""
    attributes = dict(sorted(getattr(value, "__dict__", {}).items()))
    if _is_foreign(type(value)):  # its config tells all but what is passed in as code
        return {key: v for key, v in attributes.items() if _is_code(v)}
    if isinstance(value, (keras.layers.Layer, keras.losses.Loss, keras.metrics.Metric)):
        # parts are told with the model, and what is kept for later changes as it goes
        attributes = {
            key: v
            for key, v in attributes.items()
            if key not in _of_keras()
            and not (key.startswith("_") and _is_bookkeeping(v))
            and not isinstance(v, (keras.layers.Layer, keras.Variable))
        }
    return attributes


def _is_bookkeeping(value):
    kind = type(value)
    return kind in (bool, type(None)) or _name_of(kind).startswith("keras.src.backend")


def _is_code(value):
    """Whether it is a function, or an object of a class, of nobody's package."""
    if isinstance(value, (types.FunctionType, types.MethodType)):
        return not _is_foreign(value)
    if isinstance(value, (type, keras.layers.Layer, keras.metrics.Metric)):
        return False
    return not _is_foreign(type(value))


@functools.cache
def _of_keras():
    model = keras.Model()
    model.compile("sgd", "mse")
    parts = [model, keras.losses.MeanSquaredError(), keras.metrics.Mean()]
    # what a class of Keras's asks for counts by its config
    return _TOLD.union(*[vars(part) for part in parts])


def _globals_in(code):
    names = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    inner = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    return names.union(*[_globals_in(part) for part in inner])


def _name_of(value):
    module = getattr(value, "__module__", None)
    return f"{module}.{getattr(value, '__qualname__', getattr(value, '__name__', ''))}"


@functools.cache
def _is_installed(top):
    module = sys.modules.get(top)
    places = [getattr(module, "__file__", None) or "", *getattr(module, "__path__", [])]
    return any("site-packages" in p or "dist-packages" in p for p in places)


def _is_foreign(value):
    """Whether it is of Python or of an installed package, which a version names."""
    top = (getattr(value, "__module__", None) or "builtins").partition(".")[0]
    return top in sys.stdlib_module_names and top != "__main__" or _is_installed(top)
