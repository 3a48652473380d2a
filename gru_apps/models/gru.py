"""A GRU layer that answers alike on every device, whatever is masked."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="gru_apps")
class GRU(layers.GRU):
    """A `keras.layers.GRU` that takes any mask on a GPU, and sequences of no step.

    cuDNN, which makes a GRU fast on a GPU, refuses a mask unless each row starts with a
    step that counts and padding is on its right. Here the graph looks at each batch: a
    mask that cuDNN takes goes there, any other goes through Keras's loop. A sequence of
    length 0 leaves the state as it was. Arguments, weights and answers are those of
    `keras.layers.GRU`.

    >>> GRU(4)(keras.ops.ones((2, 0, 3))).shape
    TensorShape([2, 4])
    """

    def call(self, sequences, initial_state=None, mask=None, training=False):
        def run(sequences, mask):
            return super(GRU, self).call(sequences, initial_state, mask, training)

        batch_size, length = ops.shape(sequences)[:2]
        is_known = isinstance(length, int)  # and not a tensor of the graph
        if is_known and length:
            return run(sequences, mask)
        # Keras reads the first step, so there must be one
        missing = 1 if is_known else 1 - ops.minimum(length, 1)
        if mask is None and (self.return_state or not self.return_sequences):
            mask = ops.ones((batch_size, length), "bool")
        if mask is not None:
            padding = ops.zeros((batch_size, missing), "bool")
            mask = ops.concatenate([ops.cast(mask, "bool"), padding], axis=1)
        padding = ops.zeros((batch_size, missing, sequences.shape[2]), sequences.dtype)
        answer = run(ops.concatenate([sequences, padding], axis=1), mask)
        if not self.return_sequences:
            return answer
        if self.return_state:
            return answer[0][:, :length], *answer[1:]
        return answer[:, :length]

    def inner_loop(self, sequences, initial_state, mask, training=False):
        def run(use_cudnn):
            before = self.use_cudnn, self.unroll
            self.use_cudnn = use_cudnn
            if sequences.shape[1] == 1 and use_cudnn is not True:
                self.unroll = True  # a loop costs more than its one step
            try:
                return super(GRU, self).inner_loop(
                    sequences, initial_state, mask, training=training
                )
            finally:
                self.use_cudnn, self.unroll = before

        if mask is None or self.use_cudnn != "auto" or not _has_gpu():
            return run(self.use_cudnn)
        mask = ops.cast(mask, "bool")
        padded_right = ops.all(mask[:, :1]) & ops.all(mask[:, :-1] | ~mask[:, 1:])
        return ops.cond(padded_right, lambda: run("auto"), lambda: run(False))

    def get_config(self):
        return super().get_config() | {"use_cudnn": self.use_cudnn}


def _has_gpu():
    # elsewhere, Keras decides while it builds the graph
    if keras.backend.backend() != "tensorflow":
        return False
    return bool(keras.distribution.list_devices("gpu"))
