"""LoRA for a whole model: any of its weights, without a change to its layers."""

import math
import re

import keras
from keras import ops

from whiteboard.fundamentals import require_positive
from whiteboard.transformer.lora import low_rank_update


@keras.saving.register_keras_serializable(package="whiteboard")
class LoRAModel(keras.Model):
    r"""A frozen model of which chosen weights get a trainable low-rank update.

    $$W \leftarrow W + \frac{\alpha}{r} A B$$

    The model runs in a `keras.StatelessScope`, where its layers read the sum instead of
    their weight. So the layers need not know about LoRA: dense layers, convolutions and
    the projections of an attention layer are all adapted alike.

    A weight with more than two axes is read as the matrix whose rows and columns are
    fewest in sum: `(D, H, Dk)` as `(D, H Dk)`, `(H, Dv, D)` as `(H Dv, D)`.

    Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021.

    Args:
        model: The model to adapt. It is frozen, not copied.
        rank: r.
        alpha: Numerator of the scale; `None` means r, a scale of 1.
        targets: A regular expression; weights with two axes or more are adapted where
            it is found in their path.
        **kwargs: Passed to `keras.Model`.

    Raises:
        ValueError: If a number is not positive, or (when built) no weight has such a
            path.

    Examples:
        >>> adapted = LoRAModel(model, rank=8, targets="query_kernel|value_kernel")
        >>> adapted.compile("adam", "mse")
        >>> adapted.fit(x, y)
        >>> model = adapted.merge()
    """

    def __init__(self, model, rank, alpha=None, targets="kernel", **kwargs):
        super().__init__(**kwargs)
        alpha = rank if alpha is None else alpha
        require_positive(rank=rank, alpha=alpha)
        self.model = model
        self.rank = rank
        self.alpha = alpha
        self.targets = targets

    def build(self, input_shape):
        if not self.model.built:
            self.model.build(input_shape)
        self.model.trainable = False
        for weight in self.model.weights:  # a loaded model is frozen at its top only
            weight.trainable = False
        adapted = self.adapted_weights()
        if not adapted:
            raise ValueError(
                "targets must name weights of the model with two axes or more. "
                f"Received: targets={self.targets!r}, "
                f"paths={[weight.path for weight in self.model.weights]}"
            )
        self.pairs = []
        for i, weight in enumerate(adapted):
            rows, columns = matrix_shape(weight.shape)
            a = self.add_weight((rows, self.rank), "he_uniform", name=f"a_{i}")
            b = self.add_weight((self.rank, columns), "zeros", name=f"b_{i}")
            self.pairs.append((a, b))
        self.built = True

    def adapted_weights(self):
        """The model's weights that `targets` choose."""
        return [
            weight
            for weight in self.model.weights
            if len(weight.shape) > 1 and re.search(self.targets, weight.path)
        ]

    def updated_weights(self):
        """The adapted weights, each with its value W + (alpha / r) A B."""
        updated = []
        for weight, (a, b) in zip(self.adapted_weights(), self.pairs, strict=True):
            update = low_rank_update(a.value, b.value, self.alpha)
            updated.append((weight, weight.value + ops.reshape(update, weight.shape)))
        return updated

    def call(self, inputs, training=None):
        values = [(variable, variable.value) for variable in self.model.variables]
        with keras.StatelessScope([*values, *self.updated_weights()]) as scope:
            outputs = self.model(inputs, training=training)
        weights = {id(weight) for weight in self.model.weights}
        for variable in self.model.variables:
            if id(variable) not in weights:  # the state of a dropout's generator
                variable.assign(scope.get_current_value(variable))
        return outputs

    def merge(self):
        """Add the updates to the model's own weights, set B to zero, return the model."""
        for (weight, value), (_, b) in zip(
            self.updated_weights(), self.pairs, strict=True
        ):
            weight.assign(value)
            b.assign(ops.zeros(b.shape))
        return self.model

    def get_config(self):
        return {
            **super().get_config(),
            "model": keras.saving.serialize_keras_object(self.model),
            "rank": self.rank,
            "alpha": self.alpha,
            "targets": self.targets,
        }

    @classmethod
    def from_config(cls, config):
        model = keras.saving.deserialize_keras_object(config.pop("model"))
        return cls(model, **config)


def matrix_shape(shape):
    """Split a weight's axes into rows and columns, such that these are fewest in sum."""
    splits = [
        (math.prod(shape[:axis]), math.prod(shape[axis:]))
        for axis in range(1, len(shape))
    ]
    return min(splits, key=sum)
