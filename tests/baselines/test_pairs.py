import numpy as np
import pytest

from gru_apps import baselines

LARGE = 2**21  # ids of which times 7919 are beyond 32 bits


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64"])
def test_ids_of_all_dtypes_teach_the_rows_that_the_model_reads(dtype):
    few = dtype in ("int8", "uint8")
    ids = np.array([[80, 90, 100, 120], [80, 120, 100, 90]]) * (1 if few else 2**14)
    model = baselines.build_pair_classifier(LARGE, 2, num_pairs=8191)
    baselines.adapt_pair_classifier(model, ids.astype(dtype), np.eye(2))
    model.get_layer("words").set_weights([np.zeros((LARGE, 2))])
    logits = model(ids).numpy()  # their words are the same, their pairs are not
    assert logits[0, 0] - logits[0, 1] > 0.1 and logits[1, 1] - logits[1, 0] > 0.1


def test_pairs_of_small_vocabularies_have_the_rows_that_they_had():
    model = baselines.build_pair_classifier(9, 1, num_pairs=64)
    model.get_layer("pairs").set_weights([np.arange(64.0)[:, None]])
    logits = model(np.array([[5, 8]]))[0, 0]
    np.testing.assert_allclose(logits * 2**0.5, 5 + (5 * 7919 + 8) % 64, rtol=1e-6)


@pytest.mark.parametrize(
    "targets, options, message",
    [
        ([0, 1], {}, r"must be \(2, 2\). Received: targets of shape \(2,\)"),
        ([[0.0], [1.0]], {}, r"Received: targets of shape \(2, 1\)"),
        (np.eye(3), {}, r"Received: targets of shape \(3, 3\)"),
        (np.eye(2), {"strength": 0}, "Received: strength=0"),
        (np.eye(2), {"strength": np.nan}, "Received: strength=nan"),
    ],
)
def test_what_gives_no_ratios_of_counts_is_refused(targets, options, message):
    model = baselines.build_pair_classifier(9, 2, num_pairs=64)
    with pytest.raises(ValueError, match=message):
        baselines.adapt_pair_classifier(model, np.ones((2, 3)), targets, **options)


def test_sizes_of_no_pair_classifier_are_refused_by_their_names():
    for name in ["vocabulary_size", "num_classes", "num_pairs"]:
        sizes = {"vocabulary_size": 9, "num_classes": 2, "num_pairs": 64} | {name: 0}
        with pytest.raises(ValueError, match=f"Received: {name}=0"):
            baselines.build_pair_classifier(**sizes)


def test_sizes_of_numpy_make_the_same_pair_classifier():
    sizes = np.array([9, 2, 64])
    model = baselines.build_pair_classifier(*sizes[:2], num_pairs=sizes[2])
    plain = baselines.build_pair_classifier(9, 2, num_pairs=64)
    assert [w.shape for w in model.weights] == [w.shape for w in plain.weights]


def test_one_class_has_no_ratio():
    model = baselines.build_pair_classifier(9, 1, num_pairs=64)
    with pytest.raises(ValueError, match="two classes or more. Received: 1"):
        baselines.adapt_pair_classifier(model, np.ones((2, 3)), np.ones((2, 1)))
