"""A GRU with additive attention in PyTorch: sizes and recipe of a published course."""

from benchmarks.speed._torch import nn, torch


class AttentionTranslator(nn.Module):
    """Words, a GRU in both directions, and a GRU that attends to it at each step.

    The decoder reads what attention has found, and trains step by step: half of its
    inputs are its own answers. See bentrevett's pytorch-seq2seq, notebooks 3 and 4
    (Bahdanau et al., 2015, arXiv:1409.0473).
    """

    def __init__(
        self, source_words: int, target_words: int, dim: int = 256, units: int = 512
    ):
        super().__init__()
        self.source = nn.Embedding(source_words, dim)
        self.target = nn.Embedding(target_words, dim)
        self.encoder = nn.GRU(dim, units, batch_first=True, bidirectional=True)
        self.start = nn.Linear(2 * units, units)
        self.energy = nn.Linear(3 * units, units)
        self.score = nn.Linear(units, 1, bias=False)
        self.decoder = nn.GRUCell(dim + 2 * units, units)
        self.logits = nn.Linear(dim + 3 * units, target_words)
        self.drop = nn.Dropout(0.5)
        for name, weights in self.named_parameters():
            if "bias" in name:
                nn.init.zeros_(weights)
            else:
                nn.init.normal_(weights, std=0.01)

    def encode(self, source_ids):
        """Returns the memory with its mask, and the decoder's first state."""
        mask = source_ids != 0
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(self.source(source_ids)),
            mask.sum(dim=1).cpu(),
            batch_first=True,
            enforce_sorted=False,
        )
        memory, last = self.encoder(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(
            memory, batch_first=True, total_length=mask.shape[1]
        )
        state = torch.tanh(self.start(torch.cat([*last], dim=-1)))
        return (memory, mask), state

    def step(self, ids, memory, state):
        """Returns the logits of one step, and the state after it."""
        (memory, mask), x = memory, self.drop(self.target(ids))
        asked = state[:, None].expand(-1, memory.shape[1], -1)
        energy = torch.tanh(self.energy(torch.cat([asked, memory], dim=-1)))
        scores = self.score(energy)[:, :, 0].masked_fill(~mask, -1e10)
        context = (scores.softmax(dim=-1)[:, None] @ memory)[:, 0]
        state = self.decoder(torch.cat([x, context], dim=-1), state)
        return self.logits(torch.cat([state, context, x], dim=-1)), state

    def forward(self, inputs):
        """Returns the logits of all steps, `(batch, steps, words)`."""
        memory, state = self.encode(inputs["source_ids"])
        ids, logits = inputs["target_ids"].unbind(dim=1), []
        for given in ids:
            own = logits and torch.rand(()) < 0.5
            answer, state = self.step(
                logits[-1].argmax(dim=-1) if own else given, memory, state
            )
            logits.append(answer)
        return torch.stack(logits, dim=1)

    def figures(self, logits, targets):
        """Returns a loss, and the sum and the number of tokens of its nats."""
        options = {"ignore_index": 0, "reduction": "sum"}
        logits, targets = logits.flatten(0, 1), targets.flatten()
        total = nn.functional.cross_entropy(logits, targets, **options)
        number = targets.ne(0).sum()
        return total / number, (total, number)

    def translate(self, source_ids, start: int, end: int, longest: int = 40):
        """Returns greedy answers `(batch, steps)`, 0 from their end on."""
        self.eval()
        with torch.inference_mode():
            memory, state = self.encode(source_ids)
            said, ended = torch.full([len(source_ids)], start), False
            answers = []
            for _ in range(longest):
                logits, state = self.step(said, memory, state)
                said = logits.argmax(dim=-1)
                ended = ended | (said == end)
                answers.append(said.masked_fill(ended, 0))
                if ended.all():
                    break
        return torch.stack(answers, dim=1)
