"""The control for any explanation: the same map of a network that knows nothing."""

import keras


def randomized_copy(model, layer_names=None, seed=0):
    """Copy a model, with freshly drawn kernels in some layers and zero biases there.

    The parameter randomization test of Adebayo et al. 2018: a map that stays the same
    when the weights go does not explain what the model has learned.

    Args:
        model: A Functional `keras.Model`.
        layer_names: Layers to redraw; None redraws all that have weights.
        seed: An integer.

    Returns:
        A new `keras.Model` of the same architecture; `model` stays as it is.

    Raises:
        ValueError: If a name is not that of a layer with weights.

    Examples:
        >>> control = randomized_copy(model, ["predictions"], seed=7)
    """
    known = [layer.name for layer in model.layers if layer.weights]
    names = known if layer_names is None else layer_names
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(
            f"layer_names must be layers with weights: {known}. Received: {unknown}"
        )
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    for i, name in enumerate(names):
        for variable in copy.get_layer(name).weights:
            initializer = keras.initializers.GlorotUniform(seed=seed * 1000 + i)
            if len(variable.shape) < 2:
                initializer = keras.initializers.Zeros()
            variable.assign(initializer(variable.shape))
    return copy
