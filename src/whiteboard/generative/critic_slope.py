"""The slope of a critic at a sample, and the penalty that holds it at a target."""

import keras
from keras import ops

from whiteboard.fundamentals import input_gradients

# Shapes: B batch, ... the axes of a sample.


def random_interpolates(real, fake, seed=None):
    """One point on the line between each real and generated sample, uniformly drawn.

    Args:
        real: Tensor `(B, ...)`.
        fake: Tensor of the same shape.
        seed: Integer or `keras.random.SeedGenerator`.

    Returns:
        Tensor `(B, ...)`.

    Raises:
        ValueError: If the shapes differ.
    """
    if tuple(real.shape) != tuple(fake.shape):
        raise ValueError(
            "real and fake must have the same shape. "
            f"Received: real.shape={real.shape}, fake.shape={fake.shape}"
        )
    one_a_sample = (ops.shape(real)[0], *[1] * (len(real.shape) - 1))
    share = keras.random.uniform(one_a_sample, dtype=fake.dtype, seed=seed)
    return ops.multiply(share, real) + ops.multiply(1 - share, fake)


def gradient_norms(critic, inputs):
    r"""Slope of a critic at each sample, $\|\nabla_x f(x)\|_2$.

    Args:
        critic: Model from samples `(B, ...)` to scores `(B, 1)`, called with
            `training=False`.
        inputs: Tensor `(B, ...)`.

    Returns:
        Float32 tensor `(B,)`: the norm over all axes but the batch, differentiable
        with respect to the critic's weights.
    """
    gradients = input_gradients(lambda x: critic(x, training=False), inputs)
    squares = ops.square(ops.cast(gradients, "float32"))
    axes = tuple(range(1, len(squares.shape)))
    return ops.sqrt(ops.sum(squares, axis=axes) + 1e-24)  # no NaN slope at 0


def gradient_penalty(critic, inputs, target=1.0):
    r"""Mean squared distance of the slope from a target, $(\|\nabla f\|_2 - t)^2$.

    Source: Gulrajani et al. 2017, equation 3, at interpolates and with target 1; at
    real data and with target 0 it is R1 (Mescheder et al. 2018) but for gamma / 2.

    Args:
        critic: Model from samples `(B, ...)` to scores `(B, 1)`.
        inputs: Tensor `(B, ...)` of the points at which the slope is penalized.
        target: The slope that costs nothing.

    Returns:
        Scalar tensor.
    """
    return ops.mean(ops.square(gradient_norms(critic, inputs) - target))


def gradient_norms_by_layer(critic, inputs):
    """Mean slope of a critic seen from the input of each of its layers.

    What backpropagation carries down the stack: the gradients vanish or explode with
    depth where the norms fall or grow from the last layer to the first, as in figure 1
    of Gulrajani et al. 2017.

    Args:
        critic: A `keras.Sequential` from samples `(B, ...)` to scores `(B, 1)`.
        inputs: Tensor `(B, ...)`.

    Returns:
        List of floats, one for each layer, the first layer first.
    """
    norms, hidden = [], ops.convert_to_tensor(inputs)
    for depth, layer in enumerate(critic.layers):
        rest = keras.Sequential(critic.layers[depth:])
        norms.append(float(ops.mean(gradient_norms(rest, hidden))))
        hidden = layer(hidden)
    return norms
