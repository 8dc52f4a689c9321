"""The attention weights inside a model, read while it runs."""

import functools
from unittest import mock

from keras import ops

from whiteboard.transformer.multi_head_attention import MultiHeadAttention


def attention_maps(model, inputs):
    """Call a model once and collect the weights of each `MultiHeadAttention` in it.

    Works for layers at any depth of functional and subclassed models: for the length
    of the call, the layers also hand over what they compute. The model stays as it is.
    Not for several threads at once.

    Args:
        model: A built `keras.Model` or layer that calls `MultiHeadAttention` layers.
        inputs: A batch of its inputs, as the model takes them.

    Returns:
        A dictionary in the order of the calls: the layer's path to the weights before
        dropout, a NumPy array `(B, H, T, S)`. A shared layer has an entry a call:
        `path`, `path#2` and on.

    Raises:
        ValueError: If the model is not built or calls no `MultiHeadAttention`.

    Examples:
        >>> block = EncoderBlock(num_heads=2, mlp_dim=16, name="block")
        >>> block.build((1, 5, 8))
        >>> maps = attention_maps(block, keras.random.normal((1, 5, 8)))
        >>> {path: weights.shape for path, weights in maps.items()}
        {'block/multi_head_attention': (1, 2, 5, 5)}
    """
    if not model.built:
        raise ValueError(
            f"model must be built: call it once. Received: model={model.name}"
        )
    maps = {}
    call = MultiHeadAttention.call

    @functools.wraps(call)
    def call_and_record(layer, *args, return_attention_scores=False, **kwargs):
        output, attention_weights, *cache = call(
            layer, *args, return_attention_scores=True, **kwargs
        )
        earlier_calls = sum(path.split("#")[0] == layer.path for path in maps)
        suffix = f"#{earlier_calls + 1}" if earlier_calls else ""
        maps[layer.path + suffix] = ops.convert_to_numpy(attention_weights)
        if return_attention_scores:
            return output, attention_weights, *cache
        return (output, *cache) if cache else output

    with mock.patch.object(MultiHeadAttention, "call", call_and_record):
        model(inputs, training=False)
    if not maps:
        raise ValueError(
            "model must call a whiteboard.transformer.MultiHeadAttention. "
            f"Received: model={model.name}, which calls none"
        )
    return maps
