"""How targets and weights fit to what a model answers: as Keras has it, or not at all.

Broadcasting would take a column for a row, and give a number that means nothing.
"""

from keras import ops


def aligned(targets, outputs, name="targets"):
    """Gives targets the shape of the model's outputs less their last axis.

    They have it, or one axis of 1 more or less at its end, as Keras's own losses take
    it. Raises `ValueError` for any other shape, or where it is known only with the
    numbers, `InvalidArgumentError`.
    """
    targets = ops.convert_to_tensor(targets)
    if _rank(targets) is None:
        raise ValueError(f"`{name}` must have a known rank. Received: {targets}")
    given, wanted = tuple(targets.shape), tuple(outputs.shape)[:-1]
    fits = given
    if len(given) == len(wanted) + 1 and given[-1] == 1:
        fits = given[:-1]
    elif len(given) == len(wanted) - 1 and wanted[-1] == 1:
        fits = (*given, 1)
    if not _fits(fits, wanted):
        raise ValueError(f"`{name}` must have shape {wanted}. Received: shape={given}")
    # the axis of 1 alone comes or goes
    if len(fits) < len(given):
        targets = ops.squeeze(targets, axis=-1)
    elif len(fits) > len(given):
        targets = ops.expand_dims(targets, axis=-1)
    if None not in (*fits, *wanted):
        return targets
    # known only with the numbers: addition would broadcast, joining never does
    like = ops.cast(ops.stop_gradient(outputs[..., 0]), targets.dtype)
    return ops.unstack(ops.stack([targets, like]), 2)[0]


def known_ids(targets, outputs):
    """Returns targets as in `aligned`, and which are ids: 0 and -1 are padding.

    Raises `ValueError` for logits that are not of sequences: class 0 of whole examples
    would be taken for padding.
    """
    if _rank(outputs) != 3:
        raise ValueError(
            "Logits must be (batch, length, vocabulary_size). "
            f"Received: shape={tuple(outputs.shape)}"
        )
    targets = aligned(targets, outputs)
    known = ops.not_equal(targets, 0) & ops.not_equal(targets, -1)
    # an id of its own would have no logit
    return ops.where(known, targets, ops.zeros_like(targets)), known


def weights_of(known, sample_weight=None):
    """Returns float32 weights: 0 where nothing is `known`, else what was given.

    `known` is `(batch, ...)`; `sample_weight` is one number, one for each example,
    `(batch,)` or `(batch, 1)`, or of the shape of `known`. Raises `ValueError` for any
    other shape.
    """
    weights = ops.cast(known, "float32")
    if sample_weight is None:
        return weights
    given = ops.cast(ops.convert_to_tensor(sample_weight), "float32")
    if _rank(given) is None:  # Keras makes class weights so: one for each example
        given = ops.reshape(given, [-1])
    shape, wanted = tuple(given.shape), tuple(weights.shape)
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        given = ops.squeeze(given, axis=-1)
    allowed = [(), wanted[:1], (*wanted[:1], 1), wanted]
    if not any(_fits(tuple(given.shape), form) for form in allowed):
        raise ValueError(
            f"`sample_weight` must have shape {wanted} or {wanted[:1]}. "
            f"Received: shape={shape}"
        )
    while 0 < len(given.shape) < len(wanted):
        given = ops.expand_dims(given, axis=-1)
    return weights * ops.broadcast_to(given, ops.shape(weights))


def _fits(shape, wanted):
    """Tells whether a shape may be the wanted one; an axis that is None is unknown."""
    pairs = list(zip(shape, wanted, strict=False))
    known = all(None in pair or pair[0] == pair[1] for pair in pairs)
    return known and len(shape) == len(wanted)


def _rank(tensor):
    """Returns how many axes a tensor has, None where TensorFlow does not know."""
    return getattr(tensor.shape, "rank", len(tuple(tensor.shape or ())))
