"""Additive attention: a small network scores each state of the encoder."""

import keras
from keras import ops

from whiteboard.fundamentals import require_positive

# Shapes: B sequences, T queries, S source steps, U units of the scoring network.

MASKED_SCORE = -1e30  # finite: a row of -inf would softmax to NaN


def additive_scores(query, key, scale):
    r"""Score each key for each query by one hidden layer of tanh.

    $$e_{ts} = v^\top \tanh(q_t + k_s)$$

    Source: Bahdanau, Cho, Bengio, "Neural Machine Translation by Jointly Learning to
    Align and Translate", 2015, appendix A.1.2, where $q_t = W s_t$ and $k_s = U h_s$.

    Args:
        query: Tensor `(..., T, U)`, projected.
        key: Tensor `(..., S, U)`, projected.
        scale: The vector v, `(U,)`.

    Returns:
        Scores `(..., T, S)`.

    Examples:
        >>> query, key = keras.ops.ones((2, 3, 8)), keras.ops.ones((2, 5, 8))
        >>> additive_scores(query, key, keras.ops.ones(8)).shape
        (2, 3, 5)
    """
    hidden = ops.tanh(ops.expand_dims(query, -2) + ops.expand_dims(key, -3))
    return ops.sum(
        ops.multiply(scale, hidden), axis=-1
    )  # (..., T, S, U) -> (..., T, S)


@keras.saving.register_keras_serializable(package="whiteboard")
class AdditiveAttention(keras.layers.Layer):
    """Mix the values by `softmax(v . tanh(W query + U value))`, Bahdanau et al. 2015.

    Unlike `keras.layers.AdditiveAttention` it holds the two projections. Scores and
    softmax are computed in float32 (float64 under float64).

    Args:
        units: Width U of the scoring network.
        **kwargs: Passed to `keras.layers.Layer`.

    Call arguments:
        query: Tensor `(B, T, Dq)`.
        value: Tensor `(B, S, Dv)`.
        value_mask: Boolean `(B, S)`, `True` at valid steps. `None` allows all.
        return_attention_scores: Also return the weights `(B, T, S)`.

    Returns:
        Tensor `(B, T, Dv)`, or a pair of it and the weights.

    Raises:
        ValueError: If `units` is not positive or an input has no three axes.

    Examples:
        >>> query, value = keras.ops.ones((2, 3, 4)), keras.ops.ones((2, 5, 6))
        >>> AdditiveAttention(units=8)(query, value).shape
        (2, 3, 6)
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        require_positive(units=units)
        self.units = units
        self.supports_masking = True
        dense = {"use_bias": False, "dtype": self.dtype_policy}
        self.query_projection = keras.layers.Dense(units, **dense)
        self.value_projection = keras.layers.Dense(units, **dense)

    def build(self, query_shape, value_shape):
        for name, shape in {"query": query_shape, "value": value_shape}.items():
            if len(shape) != 3:
                raise ValueError(
                    f"{name} must have shape (batch, length, features). "
                    f"Received: {name}.shape={tuple(shape)}"
                )
        self.query_projection.build(query_shape)
        self.value_projection.build(value_shape)
        self.scale = self.add_weight(shape=(self.units,), name="scale")
        self.built = True

    def call(self, query, value, value_mask=None, return_attention_scores=False):
        score_dtype = "float64" if self.compute_dtype == "float64" else "float32"
        projected = self.query_projection(query), self.value_projection(value)
        q, k, scale = (ops.cast(x, score_dtype) for x in (*projected, self.scale))
        scores = additive_scores(q, k, scale)  # (B, T, S)
        if value_mask is not None:
            allowed = ops.cast(value_mask, "bool")[:, None, :]
            scores = ops.where(allowed, scores, MASKED_SCORE)
        weights = ops.cast(ops.softmax(scores, axis=-1), self.compute_dtype)
        context = ops.einsum("bts,bsv->btv", weights, value)  # (B, T, Dv)
        return (context, weights) if return_attention_scores else context

    def compute_output_shape(self, query_shape, value_shape):
        return (*query_shape[:-1], value_shape[-1])

    def get_config(self):
        return {**super().get_config(), "units": self.units}
