"""Walk through a model's layers in the order of the calls, with values of any kind."""

import keras


def run_graph(model, inputs, visit):
    """Carry values through the graph of a model: `outputs = visit(layer, *inputs)`.

    Each call of a layer is visited once, so a shared layer once per call. A model among
    the layers is entered: its own layers are visited in its place.

    Args:
        model: A built Functional or Sequential `keras.Model`.
        inputs: One value per input of the model, of any type that `keras.tree` takes
            for a leaf.
        visit: A function of a layer (or a Keras operation, such as a sum written `+`)
            and the arguments of its call, with values in the place of tensors. It
            returns the values of the outputs.

    Returns:
        The values of the model's outputs, in their structure.

    Raises:
        ValueError: If the model is subclassed or not built.

    Examples:
        >>> run_graph(model, [0], lambda layer, depth: depth + 1)  # of a plain chain
    """
    functional = getattr(model, "_functional", model)  # of a Sequential
    if not hasattr(functional, "_run_through_graph"):
        raise ValueError(
            "model must be a built Functional or Sequential keras.Model. "
            f"Received: model={model!r}"
        )

    def call(layer, *args, **kwargs):
        if isinstance(layer, keras.Model):
            return run_graph(layer, keras.tree.flatten(args), visit)
        return visit(layer, *args, **kwargs)

    # Keras has no public way to walk a graph without making new layers or new calls.
    return functional._run_through_graph(inputs, call_fn=call)
