"""Greedy search against a PyTorch loop that carries its state.

The loop is what one writes there by hand: `inference_mode`, the keys of the memory
computed once, one step of `nn.GRU` for each word, and the likeliest of all words. Ours
computes the score of each sentence, too.
"""

import tensorflow as tf

from benchmarks.speed._pairs import has_torch, in_turns, keep
from benchmarks.speed._translator import START, Sizes, search, sources, translator
from gru_apps import decoding


def measure(sizes: Sizes, pairs: int = 7) -> dict:
    """Times both, over all steps."""
    from benchmarks.speed._torch import Translator, torch

    parts, source_ids = translator(sizes), sources(sizes)
    greedy = search(parts, decoding.greedy, max_steps=sizes.steps)
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

    if ours().shape != theirs().shape:
        raise ValueError(f"Both must decode {sizes}. Received: {theirs().shape}")
    row = {"ours": "greedy", "theirs": "PyTorch loop", **sizes._asdict()}
    return row | in_turns(ours, theirs, pairs=pairs)


if __name__ == "__main__" and has_torch():
    asked = [Sizes(), Sizes(words=1000), Sizes(batch=1), Sizes(batch=1, words=1000)]
    rows = [measure(sizes) for sizes in asked]
    keep("torch_decoding", "Greedy against a PyTorch loop with its state", rows)
