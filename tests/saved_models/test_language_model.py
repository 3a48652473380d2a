import numpy as np
import pytest
from asking import TEXTS, answer, ask, metrics, split_for_test

DRAWING = {"length": 9, "temperature": 1.0, "top_p": 1.0, "seed": 0}


@pytest.mark.corpus
def test_it_reaches_what_its_manifest_says(tmp_path):
    figures = metrics("language")
    texts = [row["text"] for row in split_for_test("state_of_the_union")]
    asked = [np.array([text]) for text in texts]
    bits = np.concatenate(ask("language", asked, "score", "bits", tmp_path))
    characters = sum(len(text.decode()) for text in texts)
    figure = bits.sum() / characters
    assert figure == pytest.approx(figures["test_bits_per_character"], abs=0.002)


def test_its_manifest_says_that_it_is_good_enough():
    m = metrics("language")
    bounds = [
        (
            m["test_bits_per_character"],
            0.85 * m["test_bits_per_character_5_gram_of_characters"],
        ),
        (
            m["test_bits_per_character"],
            1.02 * m["test_bits_per_character_transformer"],
        ),
    ]
    assert not [(less, more) for less, more in bounds if less > more]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_gets_an_answer(text):
    prompt = text if isinstance(text, bytes) else text.encode()
    prompt = prompt.decode(errors="replace")
    written = answer("language", prompt=[text], **DRAWING)["text"][0].decode()
    assert written.startswith(prompt) and len(written) == len(prompt) + 9


def test_the_same_seed_gives_the_same_text_and_another_seed_another():
    asked = {"prompt": ["The state"], **DRAWING, "length": 40}
    first, again, other = (
        answer("language", **asked | {"seed": seed})["text"] for seed in (3, 3, 4)
    )
    assert first == again != other
