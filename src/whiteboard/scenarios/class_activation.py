"""Grad-CAM and HiResCAM: where in an image the evidence for a class is."""

import keras
from keras import ops

from whiteboard.cnn import feature_maps
from whiteboard.fundamentals import differentiate

# Shapes: N images of H rows and W columns, a layer's K maps of h rows and w columns.


def grad_cam(model, images, layer_name, class_index):
    r"""Weigh a layer's maps by how much the class score rises with them, and add.

    $$L = \mathrm{relu}\Big(\sum_k \alpha_k A^k\Big), \quad
    \alpha_k = \frac{1}{h w} \sum_{ij} \frac{\partial z_c}{\partial A^k_{ij}}$$

    Selvaraju et al. 2017. $z_c$ is the score of class c before the softmax: behind it, a
    sure model has no gradient left.

    Args:
        model: A Functional `keras.Model` that ends in a `Dense` layer.
        images: Array `(N, H, W, C)`.
        layer_name: Name of the layer whose maps `(N, h, w, K)` are weighed: as a rule
            the last convolution.
        class_index: c, the unit of the last layer.

    Returns:
        NumPy array `(N, H, W)`, at least 0: the map, resized bilinearly.

    Raises:
        ValueError: If the layer is unknown or does not put out maps, the model does not
            end in a `Dense` layer, or it has no such class.

    Examples:
        >>> grad_cam(load_scan_model("lesions"), scans.images, "conv3", 1).shape
        (2000, 24, 24)
    """
    maps_of, score = _cut(model, layer_name, class_index)
    maps = maps_of(ops.convert_to_tensor(images))[layer_name]  # (N, h, w, K)
    _, _, (gradients,) = differentiate(lambda a: (ops.sum(score(a)), []), maps)
    weights = ops.mean(gradients, axis=(1, 2), keepdims=True)  # (N, 1, 1, K)
    heat = ops.relu(ops.sum(weights * maps, axis=-1))  # (N, h, w)
    return enlarge(heat, images.shape[1:3])


def hires_cam(model, images, layer_name, class_index):
    r"""Weigh each place by its own gradient, without the mean over places.

    $$L = \mathrm{relu}\Big(\sum_k \frac{\partial z_c}{\partial A^k} \odot A^k\Big)$$

    Draelos & Carin 2020. Where what follows the layer is linear, or a maximum, the sum
    over the places before the ReLU is the class score without its bias. For Grad-CAM
    that holds behind a global average only, and there the two are the same.

    Arguments, result and errors as for `grad_cam`.

    Examples:
        >>> hires_cam(load_scan_model("lesions"), scans.images, "conv3", 1).shape
        (2000, 24, 24)
    """
    maps_of, score = _cut(model, layer_name, class_index)
    maps = maps_of(ops.convert_to_tensor(images))[layer_name]  # (N, h, w, K)
    _, _, (gradients,) = differentiate(lambda a: (ops.sum(score(a)), []), maps)
    heat = ops.relu(ops.sum(gradients * maps, axis=-1))  # (N, h, w)
    return enlarge(heat, images.shape[1:3])


def enlarge(heat, size):
    """Resize maps `(N, h, w)` bilinearly to `(N, *size)`, as a NumPy array."""
    channel = ops.expand_dims(heat, -1)
    resized = ops.image.resize(channel, size, data_format="channels_last")
    return ops.convert_to_numpy(resized)[..., 0]


def _cut(model, layer_name, class_index):
    """The model up to a layer, and from its maps `(N, h, w, K)` to the score `(N,)`."""
    maps_of = feature_maps(model, [layer_name])
    maps, last = model.get_layer(layer_name).output, model.layers[-1]
    if len(maps.shape) != 4:
        raise ValueError(
            "layer_name must be a layer that puts out maps (N, h, w, K). "
            f"Received: layer_name={layer_name!r}, of output shape {maps.shape}"
        )
    if not (hasattr(last, "units") and hasattr(last, "kernel")):
        raise ValueError(f"model must end in a Dense layer. Received: {last.name!r}")
    if not 0 <= class_index < last.units:
        raise ValueError(
            f"class_index must be from 0 to {last.units - 1}. "
            f"Received: class_index={class_index}"
        )
    rest = keras.Model(maps, last.input)

    def score(values):
        return ops.matmul(rest(values, training=False), last.kernel)[:, class_index]

    return maps_of, score
