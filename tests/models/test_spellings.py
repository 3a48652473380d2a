import keras
import numpy as np
import pytest

from gru_apps import models
from gru_apps.models import embeddings

IDS = np.array([[5, 4, 8], [3, 0, 0]])
VOCABULARY = ["", "", "", "", "dull", "dullness", "a", "fun", "."]


def _classifier():
    model = models.build_text_classifier(9, 3, embedding_dim=8, units=4, num_ngrams=64)
    model.get_layer("embedding").adapt(VOCABULARY)
    return model


def _with_lora(part):
    model = _classifier()
    embedding = getattr(model.get_layer("embedding"), part)
    embedding.enable_lora(2, lora_alpha=3)
    embedding.lora_embeddings_b.assign(keras.random.normal((2, 8)))
    return model


def _quantized(mode):
    model = _classifier()
    embedding = model.get_layer("embedding")
    for part in (embedding.tokens, embedding.ngrams):
        part.quantize(mode)
    return model


CHANGED = {
    "lora of tokens": lambda: _with_lora("tokens"),
    "lora of ngrams": lambda: _with_lora("ngrams"),
    "int8": lambda: _quantized("int8"),
    "int4": lambda: _quantized("int4"),
}


@pytest.mark.parametrize("build", CHANGED.values(), ids=CHANGED)
def test_spellings_collapse_to_what_is_computed_and_not_to_what_is_stored(build):
    model = build()
    collapsed = models.collapse_spellings(model)
    np.testing.assert_allclose(collapsed(IDS), model(IDS), rtol=1e-5, atol=1e-6)
    assert [w.dtype for w in collapsed.get_layer("embedding").weights] == ["float32"]


@pytest.mark.parametrize("own", ["float32", "float64", "mixed_float16"])
@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_spellings_are_computed_in_the_layers_own_dtype(own, policy, set_dtype_policy):
    set_dtype_policy(policy)
    layer = embeddings.SubwordEmbedding(9, 4, num_ngrams=64, dtype=own)
    layer.adapt(VOCABULARY)
    parts = [layer, layer.tokens, layer.ngrams, layer.collapsed()]
    assert {part.dtype_policy.name for part in parts} == {own}
    assert layer(IDS).dtype == layer.compute_dtype


def test_sizes_of_numpy_make_the_same_embedding():
    sizes = np.array([9, 4, 64])
    layer = embeddings.SubwordEmbedding(*sizes[:2], num_ngrams=sizes[2])
    plain = embeddings.SubwordEmbedding(9, 4, num_ngrams=64, name=layer.name)
    assert layer.get_config() == plain.get_config()


@pytest.mark.parametrize("name, least", [("dim", 1), ("num_ngrams", 2)])
def test_sizes_of_no_embedding_are_refused_by_their_names(name, least):
    sizes = {"vocabulary_size": 9, "dim": 4, "num_ngrams": 64} | {name: least - 1}
    with pytest.raises(ValueError, match=f"at least {least}. Received: {name}="):
        embeddings.SubwordEmbedding(**sizes)
