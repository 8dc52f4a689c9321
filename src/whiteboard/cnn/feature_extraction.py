"""What the layers inside a model put out."""

import keras


def feature_maps(model, layer_names):
    """Make a model of the same inputs and weights that puts out inner layers.

    Args:
        model: A Functional or Sequential `keras.Model` that knows its input shape.
        layer_names: Names of layers of the model; `[x.name for x in model.layers]`
            lists them.

    Returns:
        A `keras.Model` from the inputs of `model` to a dictionary from layer name to
        that layer's output, for images `(N, H, W, C)`.

    Raises:
        ValueError: If the model has no layer of a name.

    Examples:
        >>> maps = feature_maps(LeNet5(), ["c1", "c3"])(np.zeros((1, 32, 32, 1)))
        >>> maps["c3"].shape
        (1, 10, 10, 16)
    """
    known = [layer.name for layer in model.layers]
    unknown = [name for name in layer_names if name not in known]
    if unknown:
        raise ValueError(
            f"layer_names must be names of layers of the model: {', '.join(known)}. "
            f"Received: {', '.join(unknown)}"
        )
    outputs = {name: model.get_layer(name).output for name in layer_names}
    inputs = model.inputs if len(model.inputs) > 1 else model.inputs[0]
    return keras.Model(inputs, outputs)
