"""The receptive field: which stretch of the input one unit of a layer can see."""

import dataclasses
import functools

import keras
import numpy as np

from whiteboard.cnn.model_graph import run_graph
from whiteboard.cnn.windows import output_size, padding_amounts

_GLOBAL = {"BaseGlobalPooling", "Flatten"}
_PADDING = {"ZeroPadding1D", "ZeroPadding2D"}
_WINDOW = {
    *("Conv1D", "Conv2D", "BaseDepthwiseConv", "DepthwiseConv2D"),
    *("BaseSeparableConv", "SeparableConv2D"),
    *("BasePooling", "MaxPooling2D", "AveragePooling2D", "BlurPooling2D"),
}
_POINTWISE = {
    *("Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "Softmax"),
    *("Relu", "Relu6", "Silu", "Gelu", "Sigmoid", "HardSigmoid", "HardSilu", "Tanh"),
    *("BatchNormalization", "LayerNormalization", "RMSNormalization"),
    *("Dense", "Dropout", "GaussianNoise", "Rescaling", "Normalization"),
    *("LayerScale", "LocalResponseNormalization"),
    *("Add", "Average", "Concatenate", "Maximum", "Multiply", "Subtract", "Identity"),
}


@dataclasses.dataclass(frozen=True)
class ReceptiveField:
    """What the units of a layer see along one axis of the input.

    Unit `i` of `length` units sees `size` pixels, from `start + i * jump` on. Pixels
    below 0 or beyond the image are padding.
    """

    layer: str
    size: int
    jump: int
    start: int
    length: int

    def through_window(self, kernel_size, stride=1, padding="valid", dilation=1):
        window = self.length, kernel_size, stride, padding, dilation
        before, _ = padding_amounts(*window)
        return dataclasses.replace(
            self,
            size=self.size + (kernel_size - 1) * dilation * self.jump,
            jump=self.jump * stride,
            start=self.start - before * self.jump,
            length=output_size(*window),
        )

    def union(self, other):
        longer = max(self, other, key=lambda field: field.length)
        start = min(self.start, other.start)
        end = max(self.start + self.size, other.start + other.size)
        return dataclasses.replace(longer, start=start, size=end - start)


def receptive_fields(model, axis=0, pointwise=()):
    r"""Compute the theoretical receptive field of each layer along one axis.

    $$r_l = r_{l-1} + (k_l - 1) \, d_l \, j_{l-1}, \quad
    j_l = j_{l-1} s_l, \quad
    a_l = a_{l-1} - p_l \, j_{l-1}$$

    with size r, jump j (input pixels from one unit to the next) and start a of the first
    unit; kernel size k, stride s, dilation d and padding p of the layer; r = j = 1 and
    a = 0 at the input. Where branches meet, a unit sees the union of what they see.
    Global pooling and flattening are windows over all units. Araujo et al. 2019,
    "Computing Receptive Fields of Convolutional Neural Networks", Distill.

    Args:
        model: A built Functional or Sequential model with a known input size.
        axis: 0 is the first spatial axis (the height), 1 the second (the width).
        pointwise: Names of further layer classes that treat each position by itself.

    Returns:
        A list of one `ReceptiveField` per call of a layer, in the order of the calls, so
        `[-1]` is the field of the output of a chain.

    Raises:
        ValueError: If the input size is unknown, a layer is of an unknown kind, or
            branches of different jumps meet.

    Examples:
        >>> receptive_fields(keras.applications.VGG16(weights=None))[17]
        ReceptiveField(layer='block5_pool', size=212, jump=32, start=-90, length=7)
    """
    fields = []

    def visit(layer, *args, **kwargs):
        arguments = keras.tree.flatten((args, kwargs))
        seen = [value for value in arguments if isinstance(value, ReceptiveField)]
        field = _field_after(layer, _meet(layer, seen), axis, pointwise)
        fields.append(dataclasses.replace(field, layer=layer.name))
        return fields[-1]

    run_graph(model, [_input_field(tensor, axis) for tensor in model.inputs], visit)
    return fields


def _input_field(tensor, axis):
    first = 2 if keras.config.image_data_format() == "channels_first" else 1
    length = dict(enumerate(tensor.shape)).get(first + axis)
    if length is None:
        raise ValueError(
            f"The input size must be known along axis={axis}. "
            f"Received: shape={tensor.shape}"
        )
    return ReceptiveField(tensor.name, size=1, jump=1, start=0, length=length)


def _meet(layer, fields):
    jumps = {field.jump for field in fields if field.length > 1}
    if len(jumps) > 1:
        raise ValueError(
            "Branches that meet must have the same jump. "
            f"Received: layer={layer.name}, jumps={sorted(jumps)}"
        )
    return functools.reduce(ReceptiveField.union, fields)


def _field_after(layer, field, axis, pointwise):
    kinds = {kind.__name__ for kind in type(layer).__mro__}
    if kinds & _GLOBAL or ("Reshape" in kinds and field.length == 1):
        return field.through_window(field.length, stride=field.length)
    if kinds & _PADDING:
        before, after = np.atleast_2d(layer.padding)[axis].tolist()
        start, length = field.start - before * field.jump, field.length + before + after
        return dataclasses.replace(field, start=start, length=length)
    if kinds & _WINDOW:
        kernel_size = getattr(layer, "kernel_size", None) or layer.pool_size
        return field.through_window(
            kernel_size[axis],
            layer.strides[axis],
            layer.padding,
            getattr(layer, "dilation_rate", (1, 1))[axis],
        )
    if kinds & {*_POINTWISE, *pointwise}:
        return field
    raise ValueError(
        "The receptive field of this kind of layer is unknown; name it in pointwise if "
        f"it treats each position by itself. Received: {type(layer).__name__}"
    )
