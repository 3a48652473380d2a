"""Greedy search against a PyTorch loop that carries its state.

The loop is what one writes there by hand: `inference_mode`, the keys of the memory
computed once, one step of `nn.GRU` for each word, and the likeliest of all words. Ours
computes the score of each sentence, too. It is a graph of TensorFlow, or what XLA makes
of it, which takes `first_s` seconds before its first answer.
"""

import time

import tensorflow as tf

from benchmarks.speed._pairs import has_torch, in_turns, keep
from benchmarks.speed._translator import START, Sizes, search, sources, translator
from gru_apps import decoding


def measure(sizes: Sizes, by_xla: bool = False, pairs: int = 7) -> dict:
    """Times both, over all steps."""
    from benchmarks.speed._torch import Translator, torch

    parts, source_ids = translator(sizes), sources(sizes)
    greedy = search(parts, decoding.greedy, by_xla, max_steps=sizes.steps)
    network = Translator(sizes.words, sizes.units).eval()

    @torch.inference_mode()
    def theirs():
        memory, state = network.encode(torch.from_numpy(source_ids).long())
        ids, said = torch.full((sizes.batch, 1), START), []
        for _ in range(sizes.steps):
            logits, state = network.decode(ids, memory, state)
            ids = logits.argmax(dim=-1)
            said.append(ids)
        return torch.cat(said, dim=1).numpy()

    def ours():
        return greedy(tf.constant(source_ids)).ids.numpy()

    begun = time.perf_counter()
    shape, first = ours().shape, time.perf_counter() - begun
    if shape != theirs().shape:
        raise ValueError(f"Both must decode {sizes}. Received: {theirs().shape}")
    name = "greedy by XLA" if by_xla else "greedy"
    row = {"ours": name, "theirs": "PyTorch loop", **sizes._asdict()}
    row["first_s"] = round(first, 2)
    return row | in_turns(ours, theirs, pairs=pairs)


if __name__ == "__main__" and has_torch():
    asked = [Sizes(), Sizes(words=1000), Sizes(batch=1), Sizes(batch=1, words=1000)]
    rows = [measure(sizes, by_xla) for by_xla in (False, True) for sizes in asked]
    keep("torch_decoding", "Greedy against a PyTorch loop with its state", rows)
