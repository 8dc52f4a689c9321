"""What a model costs to run and to store, layer by layer."""

import dataclasses
import math

import keras

from whiteboard.cnn.model_graph import run_graph


@dataclasses.dataclass(frozen=True)
class LayerCost:
    """One call of a layer on one example. A shared layer has a row for each call."""

    layer: str
    output_shape: tuple
    parameters: int
    multiply_adds: int


@dataclasses.dataclass(frozen=True)
class ModelCost:
    """The rows of the layers and their totals; prints as a table.

    `parameters` counts each weight once. Papers and tools often print multiply-adds
    under the name FLOPs; `flops` counts a multiplication and an addition as two.
    """

    layers: tuple
    parameters: int

    @property
    def multiply_adds(self):
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def flops(self):
        return 2 * self.multiply_adds

    def __str__(self):
        width = max(len("total"), *(len(layer.layer) for layer in self.layers))
        lines = [
            f"{'layer':{width}}  {'output':16}{'parameters':>12}{'multiply-adds':>16}"
        ]
        for row in self.layers:
            shape = " x ".join(map(str, row.output_shape))
            cells = f"{shape:16}{row.parameters:12,}{row.multiply_adds:16,}"
            lines.append(f"{row.layer:{width}}  {cells}")
        totals = f"{'':16}{self.parameters:12,}{self.multiply_adds:16,}"
        return "\n".join([*lines, f"{'total':{width}}  {totals}"])


def count_flops(model, rules=None):
    r"""Count the multiply-adds of one forward pass of one example.

    $$\text{convolution:} \; H' W' \cdot k_h k_w \frac{C}{g} \cdot F, \qquad
    \text{dense:} \; C F, \qquad
    \text{LSTM:} \; 4 \, T (C + F) F, \qquad
    \text{attention:} \; \text{projections} + 2 \, T_q T_v \, h d$$

    Counted are the products with weights and the two products of attention, taps on
    padding included. Not counted, as in published tables: biases, activations,
    normalization, pooling, sums, embeddings.

    Args:
        model: A built Functional or Sequential model with known sizes of the input.
        rules: For layers of other kinds, a dict from the name of the class to a function
            `rule(layer, output, *args, **kwargs)` of the symbolic output and arguments of
            the call that returns the multiply-adds, batch excluded.

    Returns:
        A `ModelCost`: `.multiply_adds` (MACs), `.flops` (twice as many), `.parameters`,
        `.layers`.

    Raises:
        ValueError: If a shape is unknown, or a layer with weights (or an operation that
            multiplies tensors) has no rule.

    Examples:
        >>> count_flops(keras.applications.VGG16(weights=None)).multiply_adds
        15470264320
    """
    rows = []
    rules = {**_RULES, **(rules or {})}

    def visit(layer, *args, **kwargs):
        output = layer.compute_output_spec(*args, **kwargs)
        names = [kind.__name__ for kind in type(layer).__mro__]
        rule = next((rules[name] for name in names if name in rules), _rule_of_others)
        shape = keras.tree.flatten(output)[0].shape[1:]
        if None in shape:
            raise ValueError(
                "The shape of the input must be known. "
                f"Received: layer={layer.name}, output_shape={shape}"
            )
        parameters = layer.count_params() if isinstance(layer, keras.Layer) else 0
        cost = rule(layer, output, *args, **kwargs)
        rows.append(LayerCost(layer.name, shape, parameters, cost))
        return output

    run_graph(model, model.inputs, visit)
    return ModelCost(tuple(rows), model.count_params())


def _convolution(layer, output, *_):
    """Each weight of the kernels is used once at every position of the output."""
    data_format = getattr(layer, "data_format", "channels_last")
    channels = 1 if data_format == "channels_first" else -1
    positions = math.prod(output.shape[1:]) // output.shape[channels]
    return positions * _kernel_weights(layer)


def _transposed_convolution(layer, output, inputs):
    """Each weight of the kernel is used once at every position of the input."""
    return _convolution(layer, inputs)


def _dense(layer, output, *_):
    return math.prod(output.shape[1:-1]) * _kernel_weights(layer)


def _recurrent(layer, output, inputs, **_):
    """Each weight is used once at every step."""
    return inputs.shape[1] * _kernel_weights(layer)


def _attention(layer, output, query, value, key=None, **_):
    *_, queries, query_depth = query.shape
    *_, keys, value_depth = value.shape
    key_depth = value_depth if key is None else key.shape[-1]
    value_dim = layer.value_dim or layer.key_dim
    per_head = queries * (query_depth + keys) * layer.key_dim
    per_head += keys * (key_depth * layer.key_dim + value_depth * value_dim)
    per_head += queries * (keys + output.shape[-1]) * value_dim
    return layer.num_heads * per_head


def _nothing(layer, output, *args, **kwargs):
    return 0


def _rule_of_others(layer, output, *args, **kwargs):
    if getattr(layer, "weights", None) or type(layer).__name__ in _PRODUCTS:
        raise ValueError(
            "There is no rule for this kind of layer; pass one in rules. "
            f"Received: {type(layer).__name__} ({layer.name})"
        )
    return 0


def _kernel_weights(layer):
    kernels = (w for w in layer.weights if len(w.shape) > 1 and "bias" not in w.name)
    return sum(math.prod(w.shape) for w in kernels)


_PRODUCTS = {"Attention", "AdditiveAttention", "Dot", "Einsum", "Matmul", "Tensordot"}
_RULES = {
    **dict.fromkeys(["Conv1D", "Conv2D", "Conv3D"], _convolution),
    **dict.fromkeys(["BaseDepthwiseConv", "BaseSeparableConv"], _convolution),
    **dict.fromkeys(["DepthwiseConv2D", "SeparableConv2D"], _convolution),
    "BaseConvTranspose": _transposed_convolution,
    "Dense": _dense,
    **dict.fromkeys(["RNN", "Bidirectional"], _recurrent),
    "MultiHeadAttention": _attention,
    **dict.fromkeys(["BatchNormalization", "GroupNormalization"], _nothing),
    **dict.fromkeys(["LayerNormalization", "RMSNormalization"], _nothing),
    **dict.fromkeys(["Embedding", "LayerScale", "Normalization", "PReLU"], _nothing),
}
