"""The optimizers of `fit`, and how their learning rates rise and fall."""

import keras


def schedule_of(learning_rate, warmup, steps):
    """Returns a rise during the share `warmup` and a fall to 0, or the one given."""
    if isinstance(learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        return learning_rate
    rise = max(1, round(warmup * steps))
    return keras.optimizers.schedules.CosineDecay(
        0.0, max(1, steps - rise), warmup_target=learning_rate, warmup_steps=rise
    )


def optimizer_of(name, schedule, weight_decay, clip_norm, ema_momentum):
    """Returns "adam" or "muon"; raises `ValueError` for any other name."""
    options = {
        "weight_decay": weight_decay or None,  # decoupled: with it, Adam is AdamW
        "global_clipnorm": clip_norm,
        "use_ema": ema_momentum is not None,
    }
    if ema_momentum is not None:
        options["ema_momentum"] = ema_momentum
    if name == "adam":
        return keras.optimizers.Adam(schedule, **options)
    if name == "muon":
        # its own default would be a decay that nobody asked for
        options["adam_weight_decay"] = options["weight_decay"]
        # the doubled bias of a GRU is two vectors, and no matrix
        options["exclude_layers"] = ["logits", "bias$"]
        return keras.optimizers.Muon(schedule, **options)
    raise ValueError(
        f'`optimizer` must be "adam" or "muon". Received: optimizer={name}'
    )
