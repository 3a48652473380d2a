"""The same networks in PyTorch, as one would write them there."""

import sys

import keras

# it compiles for GPUs, and imported beside TensorFlow it ends the process
sys.modules.setdefault("triton", None)

import torch  # noqa: E402
from torch import nn  # noqa: E402


class Translator(nn.Module):
    """The layers of `build_translator`, with attention by a scaled dot product."""

    def __init__(self, words: int, units: int):
        super().__init__()
        self.units, half = units, units // 2
        self.source = nn.Embedding(words, units)
        self.target = nn.Embedding(words, units)
        self.encoder = nn.GRU(units, half, batch_first=True, bidirectional=True)
        self.decoder = nn.GRU(units, units, batch_first=True)
        self.start, self.output = (
            nn.Linear(2 * units, units),
            nn.Linear(2 * units, units),
        )
        self.query = nn.Linear(units, units, bias=False)
        self.memory = nn.Linear(units, units, bias=False)
        self.drop = nn.Dropout(0.3)

    def encode(self, source_ids):
        """Returns the memory, its keys, its mask and the decoder's first state."""
        mask = source_ids != 0
        memory, _ = self.encoder(self.drop(self.source(source_ids)))
        memory = memory * mask[:, :, None]
        number = mask.sum(dim=1, keepdim=True)
        largest = memory.masked_fill(~mask[:, :, None], -3.3e38).amax(dim=1)
        pooled = torch.cat([largest, memory.sum(dim=1) / number], dim=-1)
        state = torch.tanh(self.start(pooled))[None]
        return (memory, self.memory(memory), mask), state

    def decode(self, ids, memory, state):
        """Returns logits `(batch, steps, words)` and the state after them."""
        memory, keys, mask = memory
        x = self.drop(self.target(ids) * self.units**0.5)
        x, state = self.decoder(x, state)
        scores = self.query(x) @ keys.transpose(1, 2) / self.units**0.5
        weights = scores.masked_fill(~mask[:, None], -3.3e38).softmax(dim=-1)
        x = torch.tanh(self.output(torch.cat([x, weights @ memory], dim=-1)))
        return self.drop(x) @ self.target.weight.T, state

    def forward(self, source_ids, target_ids):
        """Returns the logits of all steps."""
        return self.decode(target_ids, *self.encode(source_ids))[0]


class LanguageModel(nn.Module):
    """The layers of `build_language_model`, of two GRUs."""

    def __init__(self, words: int, dim: int, units: int):
        super().__init__()
        self.embedding, self.drop = nn.Embedding(words, dim), nn.Dropout(0.2)
        self.gru = nn.GRU(dim, units, num_layers=2, batch_first=True, dropout=0.2)
        self.output = nn.Linear(units + dim, units)
        self.projection = nn.Linear(units, dim)
        self.logits = nn.Linear(dim, words, bias=False)

    def forward(self, token_ids):
        """Returns the logits of what follows each token."""
        embedded = self.embedding(token_ids)
        x, _ = self.gru(self.drop(embedded))
        x = self.output(torch.cat([self.drop(x), embedded], dim=-1))
        return self.logits(self.projection(self.drop(nn.functional.silu(x))))


class TextClassifier(nn.Module):
    """The layers of `build_text_classifier`."""

    def __init__(self, words: int, classes: int, units: int):
        super().__init__()
        self.embedding, self.drop = nn.Embedding(words, units), nn.Dropout(0.2)
        self.gru = nn.GRU(units, units, batch_first=True, bidirectional=True)
        self.logits = nn.Linear(4 * units, classes)

    def forward(self, token_ids):
        """Returns the logits of each sequence."""
        mask = token_ids != 0
        x, _ = self.gru(self.drop(self.embedding(token_ids)))
        largest = x.masked_fill(~mask[:, :, None], -3.3e38).amax(dim=1)
        mean = (x * mask[:, :, None]).sum(dim=1) / mask.sum(dim=1, keepdim=True)
        return self.logits(self.drop(torch.cat([largest, mean], dim=-1)))


def training_step(model: nn.Module, inputs, targets):
    """Makes a function that takes one step of Adam, with a clipped norm."""
    optimizer = torch.optim.Adam(model.parameters())
    inputs, targets = [torch.tensor(x) for x in inputs], torch.tensor(targets).long()
    loss_of = nn.CrossEntropyLoss()
    model.train()

    def step():
        loss = loss_of(model(*inputs).flatten(0, -2), targets.flatten())
        descend(model, optimizer, loss)
        return loss.item()

    return step


def descend(model: nn.Module, optimizer, loss):
    """Takes a step down the gradient of a loss, with its norm clipped to 1."""
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


class FrameClassifier(nn.Module):
    """Two layers of a GRU over frames that are scaled, and logits of its last state."""

    figure = "accuracy"

    def __init__(self, mean, deviation, classes: int, units: int = 128):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("deviation", torch.tensor(deviation))
        self.gru = nn.GRU(len(mean), units, num_layers=2, batch_first=True)
        self.logits = nn.Linear(units, classes)

    def forward(self, frames):
        """Returns the logits of each clip; frames of zeros are padding."""
        lengths = frames.abs().sum(dim=2).gt(0).sum(dim=1).cpu()
        scaled = (frames - self.mean) / self.deviation
        packed = nn.utils.rnn.pack_padded_sequence(
            scaled, lengths, batch_first=True, enforce_sorted=False
        )
        return self.logits(self.gru(packed)[1][-1])

    def figures(self, logits, labels):
        """Returns a loss, and the sum and the number of right answers."""
        right = logits.argmax(dim=1) == labels
        loss = nn.functional.cross_entropy(logits, labels)
        return loss, (right.sum(), len(labels))


class Keys(nn.Module):
    """A GRU over frames of 88 keys, and a logit for each key of the frame that follows.

    Targets are 2 for a key that sounds, 1 for one that does not, 0 for padding.
    """

    figure = "cross_entropy"

    def __init__(self, units: int):
        super().__init__()
        self.gru = nn.GRU(88, units, batch_first=True)
        self.logits = nn.Linear(units, 88)

    def forward(self, keys):
        """Returns the logits of all frames."""
        return self.logits(self.gru(keys.float())[0])

    def figures(self, logits, targets):
        """Returns a loss, and the sum and the number of frames of their nats."""
        real = targets > 0
        sounds = (targets == 2).float()
        nats = nn.functional.binary_cross_entropy_with_logits(
            logits, sounds, reduction="none"
        )
        total, number = (nats * real).sum(), real[:, :, 0].sum()
        return total / number, (total, number)


class Learner:
    """Trains such a network by Adam, and asks it, called as a model of Keras is."""

    def __init__(self, network: nn.Module, learning_rate: float):
        self.network, self.stop_training = network, False
        self.optimizer = torch.optim.Adam(network.parameters(), learning_rate)

    def fit(self, data, *, steps_per_epoch, callbacks, verbose=0, shuffle=False):
        """Takes so many steps."""
        for step, (inputs, targets) in enumerate(data.take(steps_per_epoch)):
            self.network.train()
            loss, _ = self._figures(inputs, targets)
            descend(self.network, self.optimizer, loss)
            for callback in callbacks:
                callback.on_train_batch_end(step)
            if self.stop_training:
                break

    def evaluate(self, data, verbose=0, return_dict=True):
        """Returns the figure of all examples, by its name."""
        self.network.eval()
        with torch.inference_mode():
            sums = [self._figures(inputs, targets)[1] for inputs, targets in data]
        totals, numbers = zip(*sums, strict=True)
        total, number = sum(map(float, totals)), sum(map(int, numbers))
        return {self.network.figure: total / number}

    def _figures(self, inputs, targets):
        inputs = keras.tree.map_structure(lambda x: torch.tensor(x.numpy()), inputs)
        targets = torch.tensor(targets.numpy()).long()
        return self.network.figures(self.network(inputs), targets)
