"""Where a network's gradient vanishes or explodes: one row per layer, in one call."""

import functools
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops

from whiteboard.fundamentals.gradients import call_with_weights, value_and_gradients


@dataclass(frozen=True)
class LayerDiagnostics:
    """One layer on one batch. Norms are Euclidean, over the batch and all units.

    `zeros` is the share of exact zeros in the output. What a layer does not have
    (weights, a floating-point output) is NaN.
    """

    name: str
    output_mean: float
    output_std: float
    zeros: float
    output_gradient_norm: float
    weight_norm: float
    weight_gradient_norm: float


@dataclass(frozen=True)
class GradientDiagnostics:
    """The loss on a batch and the layers in the order of the model; prints as a table.

    Behaves as the sequence of its `LayerDiagnostics`.
    """

    loss: float
    layers: tuple

    @property
    def gradient_ratio(self):
        """The norm of dL/dh at the first layer over that at the last."""
        first, *_, last = [
            layer.output_gradient_norm
            for layer in self.layers
            if not np.isnan(layer.output_mean)
        ]
        return first / last

    def __iter__(self):
        return iter(self.layers)

    def __len__(self):
        return len(self.layers)

    def __getitem__(self, index):
        return self.layers[index]

    def __str__(self):
        width = max(len("layer"), *(len(layer.name) for layer in self.layers))
        titles = ("mean h", "std h", "zeros", "|dL/dh|", "|W|", "|dL/dW|")
        lines = [f"{'layer':{width}}" + "".join(f"{title:>9}" for title in titles)]
        for layer in self.layers:
            name, mean, std, zeros, *norms = vars(layer).values()
            cells = [f"{mean:9.3f}", f"{std:9.3f}", f"{zeros:9.2f}"]
            cells += [f"{norm:9.1e}" for norm in norms]
            lines.append(f"{name:{width}}" + "".join(cells).replace("nan", "  -"))
        return "\n".join(lines)


def gradient_diagnostics(model, x, y, loss, training=True):
    r"""Measure each layer's output, weights and gradients on one batch.

    $$\frac{\partial L}{\partial h_l} =
    \frac{\partial L}{\partial e_l} \Big|_{e_l = 0}
    \quad\text{where layer } l \text{ puts out } h_l + e_l$$

    So the gradient with respect to every layer's output comes from one backward pass,
    on any backend, and with it the gradients with respect to the weights. The weights
    and the state of the model stay as they are; dropout draws the same mask in both of
    the two forward passes.

    Args:
        model: A built `keras.Model`: Sequential, Functional or subclassed. Its layers
            are those of `model.layers`; a model among them stands for its own layers.
        x: A batch of inputs.
        y: The targets, as `loss` expects them.
        loss: A Keras loss or its name.
        training: Whether dropout and batch normalization are in training mode.

    Returns:
        A `GradientDiagnostics`. Layers that the model does not call are left out;
        weights that belong to no layer stand in a last row under the model's name.

    Raises:
        ValueError: If the model is not built.

    Examples:
        >>> diagnostics = gradient_diagnostics(model, x, y, "mse")
        >>> print(diagnostics)
        >>> diagnostics[0].weight_gradient_norm, diagnostics.gradient_ratio
    """
    if not model.built:
        raise ValueError(f"model must be built. Received: model={model.name}, unbuilt")
    loss = keras.losses.get(loss)
    layers = list(_layers(model))
    weights = [variable.value for variable in model.trainable_variables]

    def run(weights, probe):
        with _probed(layers, probe):
            return ops.mean(loss(y, call_with_weights(model, weights, x, training)))

    outputs = []  # (layer, h) in the order of the calls
    run(weights, lambda layer, h: outputs.append((layer, h)) or h)
    zeros = [ops.zeros(ops.shape(h), "float32") for _, h in outputs]

    def loss_of(*arguments):
        e = iter(arguments[len(weights) :])

        def add_zero(_, h):
            return h + ops.cast(next(e), h.dtype)

        return run(arguments[: len(weights)], add_zero)

    value, gradients = value_and_gradients(loss_of, *weights, *zeros)
    return GradientDiagnostics(value, tuple(_rows(model, layers, outputs, gradients)))


def _rows(model, layers, outputs, gradients):
    split = len(gradients) - len(outputs)
    variables = model.trainable_variables
    of_weight = {id(v): g for v, g in zip(variables, gradients[:split], strict=True)}
    calls = list(zip(outputs, gradients[split:], strict=True))
    for layer in layers:
        mine = [(h, dh) for (owner, h), dh in calls if owner is layer]
        yield _row(layer.name, mine, layer.trainable_variables, of_weight)
    owned = {id(v) for layer in layers for v in layer.trainable_variables}
    if rest := [v for v in variables if id(v) not in owned]:
        yield _row(model.name, [], rest, of_weight)


def _row(name, calls, variables, of_weight):
    h, dh, w, dw = (
        np.concatenate([np.ravel(array) for array in arrays] or [[np.nan]])
        for arrays in (
            [ops.convert_to_numpy(ops.cast(h, "float32")) for h, _ in calls],
            [dh for _, dh in calls],
            [ops.convert_to_numpy(v.value) for v in variables],
            [of_weight[id(v)] for v in variables],
        )
    )
    norms = (float(np.linalg.norm(vector.astype("float64"))) for vector in (dh, w, dw))
    zeros = float(np.mean(h == 0)) if calls else np.nan
    return LayerDiagnostics(name, float(h.mean()), float(h.std()), zeros, *norms)


def _layers(model):
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


@contextmanager
def _probed(layers, probe):
    """Let `probe(layer, h)` replace each floating-point output of the layers."""

    def with_probe(layer):
        @functools.wraps(call := layer.call)
        def probed_call(*args, **kwargs):
            return keras.tree.map_structure(
                lambda h: (
                    probe(layer, h) if keras.backend.is_float_dtype(h.dtype) else h
                ),
                call(*args, **kwargs),
            )

        return probed_call

    for layer in layers:
        vars(layer)["call"] = with_probe(layer)
    try:
        yield
    finally:
        for layer in layers:
            del vars(layer)["call"]
