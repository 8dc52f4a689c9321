"""A learned score for each distance, as in T5."""

import math

import keras
from keras import ops

from whiteboard.transformer.attention_position import ScoreBias

# Shapes: B batch, H heads, T queries, S keys.


def relative_positions(query_length, key_length, offset=0):
    """How far each key stands behind (below 0) or ahead of each query.

    Args:
        query_length: T, an integer or integer scalar tensor.
        key_length: S, likewise. The first key is at position 0.
        offset: Position of the first query, likewise.

    Returns:
        Integer tensor `(T, S)`, `s - (t + offset)`.

    Examples:
        >>> keras.ops.convert_to_numpy(relative_positions(2, 3))
        array([[ 0,  1,  2],
               [-1,  0,  1]], dtype=int32)
    """
    query_positions = ops.arange(query_length, dtype="int32")[:, None] + offset
    return ops.arange(key_length, dtype="int32")[None, :] - query_positions


def relative_position_bucket(
    relative_position, num_buckets=32, max_distance=128, bidirectional=True
):
    r"""Sort offsets into buckets: small ones alone, large ones in logarithmic steps.

    For a distance n and N buckets, half of which are exact,

    $$\mathrm{bucket}(n) = n \text{ for } n < N/2, \quad \min\left(N - 1,
    \left\lfloor \tfrac{N}{2} + \tfrac{N}{2}
    \frac{\ln(n / \frac{N}{2})}{\ln(n_{\max} / \frac{N}{2})} \right\rfloor\right)
    \text{ otherwise.}$$

    Raffel et al. 2020 (T5), section 2.1. Computed in float32, as T5 was trained.

    Args:
        relative_position: Integer tensor of any shape, key position minus query
            position.
        num_buckets: Number of buckets N, 4 or more and even. If `bidirectional`, N / 2
            for each direction.
        max_distance: From this distance on, all share the last bucket.
        bidirectional: Whether keys ahead of the query have buckets of their own. If
            not, they share the one of distance 0.

    Returns:
        Integer tensor of the same shape, in `[0, num_buckets)`.

    Raises:
        ValueError: If `num_buckets` is odd or below 4, or `max_distance` is not larger
            than the number of exact buckets.

    Examples:
        >>> keras.ops.convert_to_numpy(relative_position_bucket([-200, -1, 0, 1]))
        array([15,  1,  0, 17], dtype=int32)
    """
    _require_buckets(num_buckets, max_distance, bidirectional)
    offset = ops.cast(relative_position, "int32")
    buckets = num_buckets // 2 if bidirectional else num_buckets
    exact = buckets // 2
    distance = ops.abs(offset) if bidirectional else ops.maximum(-offset, 0)

    octaves = ops.log(ops.cast(ops.maximum(distance, 1), "float32") / exact)
    share = octaves / math.log(max_distance / exact)  # 0 at exact, 1 at max_distance
    far = exact + ops.cast(share * (buckets - exact), "int32")
    bucket = ops.where(distance < exact, distance, ops.minimum(far, buckets - 1))
    return ops.where(offset > 0, bucket + buckets, bucket) if bidirectional else bucket


@keras.saving.register_keras_serializable(package="whiteboard")
class RelativePositionBias(ScoreBias):
    """Add one learned number per head and bucket of offsets to the scores.

    `num_buckets * num_heads` weights. T5 shares one such layer between all blocks of a
    stack, and leaves its scores undivided by the square root of `key_dim`; here they
    are divided. Raffel et al. 2020, section 2.1.

    Args:
        num_buckets: See `relative_position_bucket`.
        max_distance: Likewise.
        bidirectional: Likewise. T5's decoder has `False`.
        initializer: Initializer of the weights.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        scores: Tensor `(B, H, T, S)`.
        offset: Position of the first query, an integer or integer scalar tensor.

    Returns:
        The scores with the bias added.

    Raises:
        ValueError: As `relative_position_bucket`, or if the number of heads is unknown.

    Examples:
        >>> RelativePositionBias()(keras.ops.zeros((2, 4, 5, 5))).shape
        (2, 4, 5, 5)
    """

    def __init__(
        self,
        num_buckets=32,
        max_distance=128,
        bidirectional=True,
        initializer="random_normal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        _require_buckets(num_buckets, max_distance, bidirectional)
        self.num_buckets = num_buckets
        self.max_distance = max_distance
        self.bidirectional = bidirectional
        self.initializer = keras.initializers.get(initializer)

    def build(self, input_shape):
        super().build(input_shape)
        self.embeddings = self.add_weight(
            shape=(self.num_buckets, self.num_heads),
            initializer=self.initializer,
            autocast=False,
            name="embeddings",
        )

    def bias(self, query_length, key_length, offset=0):
        buckets = relative_position_bucket(
            relative_positions(query_length, key_length, offset),
            self.num_buckets,
            self.max_distance,
            self.bidirectional,
        )
        bias = ops.take(self.embeddings, buckets, axis=0)  # (T, S, H)
        return ops.transpose(bias, (2, 0, 1))  # (H, T, S)

    def get_config(self):
        config = {
            "num_buckets": self.num_buckets,
            "max_distance": self.max_distance,
            "bidirectional": self.bidirectional,
            "initializer": keras.initializers.serialize(self.initializer),
        }
        return {**super().get_config(), **config}


def _require_buckets(num_buckets, max_distance, bidirectional):
    if num_buckets < 4 or num_buckets % 2:
        raise ValueError(
            "num_buckets must be even and at least 4. "
            f"Received: num_buckets={num_buckets}"
        )
    exact = num_buckets // (4 if bidirectional else 2)
    if not max_distance > exact:
        raise ValueError(
            f"max_distance must be larger than the {exact} exact buckets. "
            f"Received: max_distance={max_distance}, num_buckets={num_buckets}"
        )
