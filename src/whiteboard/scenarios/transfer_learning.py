"""Transfer learning in two steps: a new head on a frozen backbone, then all of it."""

import keras

from whiteboard.cnn import softmax_classifier


def with_new_head(backbone, layer_name, classes):
    """Cut a trained model at a layer, freeze what is left, put a fresh softmax on it.

    Args:
        backbone: A Functional `keras.Model`; it is copied and stays as it is.
        layer_name: The layer whose output `(N, D)` are the features.
        classes: The number of classes of the new task.

    Returns:
        A `keras.Model`, not compiled; its layer "backbone" is not trainable.

    Raises:
        ValueError: If the layer is unknown or does not put out features `(N, D)`.

    Examples:
        >>> model = with_new_head(load_scan_model("shapes"), "pool", classes=2)
        >>> len(model.trainable_variables)
        2
    """
    known = [layer.name for layer in backbone.layers]
    if layer_name not in known:
        raise ValueError(
            f"layer_name must be one of {known}. Received: layer_name={layer_name!r}"
        )
    copy = keras.models.clone_model(backbone)
    copy.set_weights(backbone.get_weights())
    features = copy.get_layer(layer_name).output
    if len(features.shape) != 2:
        raise ValueError(
            "layer_name must be a layer that puts out features (N, D). "
            f"Received: layer_name={layer_name!r}, of output shape {features.shape}"
        )
    body = keras.Model(copy.inputs[0], features, name="backbone")
    body.trainable = False
    inputs = keras.Input(copy.input_shape[1:], name="image")
    return keras.Model(inputs, softmax_classifier(body(inputs), classes))


def fine_tune(model, images, labels, learning_rate, epochs, batch_size=32):
    """Train all layers of a model made by `with_new_head`, gently.

    All but batch normalization: where it is not trainable it keeps the statistics of the
    first task. (`training=False` where the backbone is called does not hold it: `fit`
    hands `training=True` to all layers of a Functional model.)

    Args:
        model: Its head should already be trained: a random one sends large gradients.
        images: `(N, H, W, C)`.
        labels: `(N,)` integers.
        learning_rate: A tenth of the head's, or less.
        epochs: Passes over the data.
        batch_size: Images a step.

    Returns:
        `model`, trained in place.

    Raises:
        ValueError: If the model has no layer "backbone".

    Examples:
        >>> fine_tune(model, images, labels, learning_rate=3e-4, epochs=5)
    """
    backbone = model.get_layer("backbone")
    backbone.trainable = True
    for layer in backbone.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False
    # A change of `trainable` counts from the next compile on.
    model.compile(
        keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy"
    )
    model.fit(images, labels, batch_size, epochs, verbose=0)
    return model
