import numpy as np
import pytest

from gru_apps.baselines import transformers

IDS = np.array([[5, 2, 8, 4], [3, 7, 7, 1]])


def _build(**options):
    sizes = {"embedding_dim": 8, "num_layers": 2, "num_heads": 2}
    return transformers.build_transformer_language_model(9, 6, **sizes, **options)


def _model(**options):
    model = _build(**options)
    return lambda ids, **kwargs: model({"token_ids": ids}, **kwargs).numpy()


def test_no_later_token_changes_what_was_said_before():
    model = _model()
    changed = np.array(IDS)
    changed[:, 2:] = 6
    np.testing.assert_allclose(model(changed)[:, :2], model(IDS)[:, :2], rtol=1e-4)
    assert np.abs(model(changed)[:, 2:] - model(IDS)[:, 2:]).max() > 1e-3


def test_padding_does_not_change_the_logits():
    model = _model()
    padded = np.pad(IDS, [(0, 0), (0, 2)])
    np.testing.assert_allclose(model(padded)[:, :4], model(IDS), rtol=1e-4, atol=1e-5)


def test_the_order_of_what_came_before_counts():
    model = _model()
    swapped = IDS[:, [1, 0, 2, 3]]
    assert np.abs(model(swapped)[:, 3] - model(IDS)[:, 3]).max() > 1e-4


def test_dropout_acts_in_training_alone():
    model = _model(dropout=0.5)
    np.testing.assert_array_equal(model(IDS), model(IDS))
    assert np.abs(model(IDS, training=True) - model(IDS)).max() > 1e-4


def test_a_transformer_embeds_ngrams_as_long_as_it_is_asked_to():
    assert _build(longest_ngram=2).get_layer("ngrams").longest == 2
    assert _build(longest_ngram=3).get_layer("ngrams").longest == 3
    assert "ngrams" not in [layer.name for layer in _build().layers]


def test_contradictory_sizes_are_refused():
    with pytest.raises(ValueError, match="Received: embedding_dim=8, num_heads=3"):
        transformers.build_transformer_language_model(
            9, 6, embedding_dim=8, num_heads=3
        )
    with pytest.raises(ValueError, match="Received: dropout=1"):
        _model(dropout=1)


def test_sizes_of_no_transformer_are_refused_by_their_names():
    names = ["vocabulary_size", "max_length", "embedding_dim", "num_layers"]
    for name in [*names, "num_heads", "longest_ngram"]:
        sizes = {"vocabulary_size": 9, "max_length": 6} | {name: 0}
        with pytest.raises(ValueError, match=f"Received: {name}=0"):
            transformers.build_transformer_language_model(**sizes)


def test_sizes_of_numpy_make_the_same_transformer():
    options = {"embedding_dim": 8, "num_layers": 1, "num_heads": 2}
    plain = transformers.build_transformer_language_model(9, 6, **options)
    options = {name: np.int64(size) for name, size in options.items()}
    sizes = np.array([9, 6])
    model = transformers.build_transformer_language_model(*sizes, **options)
    assert [w.shape for w in model.weights] == [w.shape for w in plain.weights]
