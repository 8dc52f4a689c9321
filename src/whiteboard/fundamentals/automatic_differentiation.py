"""Automatic differentiation by the backend, inside compiled code and more than once."""

import keras
from keras import ops


def differentiate(function, *arguments):
    """Differentiate a scalar function that also returns something else.

    Reverse-mode automatic differentiation by the backend that Keras runs on:
    `tf.GradientTape`, `jax.value_and_grad` or `torch.autograd.grad`. All stays on the
    device, works in a compiled training step, and the gradients are constants to a
    `differentiate` around this one; `input_gradients` gives gradients that are not.

    Args:
        function: Takes the arguments as tensors and returns a scalar tensor and a list
            of further tensors, which are not differentiated. It must not assign to
            variables, except in a `keras.StatelessScope` of its own.
        *arguments: Floating-point arrays or tensors, of any shapes.

    Returns:
        The value, the list of further tensors, and a list of gradients with the shapes
        of the arguments; zeros for an argument on which the value does not depend.

    Examples:
        >>> differentiate(lambda x: (keras.ops.sum(x**2), [x]), np.array([1.0, 3.0]))
        (10.0, [[1.0, 3.0]], [[2.0, 6.0]])
    """
    tensors = [ops.convert_to_tensor(argument) for argument in arguments]
    return _BACKENDS[keras.backend.backend()][0](function, tensors)


def input_gradients(function, inputs):
    r"""Gradient of each row's output with respect to that row, differentiable again.

    $$\nabla_{\mathbf{x}_i} f(\mathbf{x}_i)$$

    A penalty on these gradients can so be trained on.

    Args:
        function: Maps `(B, ...)` to one number for each row, `(B,)` or `(B, 1)`; the
            rows must not interact, and no variable may be assigned to.
        inputs: Floating-point array or tensor `(B, ...)`.

    Returns:
        Tensor with the shape of `inputs`.
    """

    def total(x):
        return ops.sum(function(x))

    tensor = ops.convert_to_tensor(inputs)
    return _BACKENDS[keras.backend.backend()][1](total, tensor)


def _differentiate_tensorflow(function, tensors):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tensors)
        value, others = function(*tensors)
    gradients = tape.gradient(value, tensors, unconnected_gradients="zero")
    return value, others, gradients


def _input_gradients_tensorflow(function, tensor):
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(tensor)
        value = function(tensor)
    return tape.gradient(value, tensor, unconnected_gradients="zero")


def _differentiate_jax(function, tensors):
    import jax

    arguments = range(len(tensors))
    value_and_grad = jax.value_and_grad(function, argnums=arguments, has_aux=True)
    (value, others), gradients = value_and_grad(*tensors)
    return value, others, list(gradients)


def _input_gradients_jax(function, tensor):
    import jax

    return jax.grad(function)(tensor)


def _differentiate_torch(function, tensors):
    import torch

    leaves = [tensor.detach().clone().requires_grad_() for tensor in tensors]
    with torch.enable_grad():
        value, others = function(*leaves)
        others = [tensor.detach() for tensor in others]
        if not value.requires_grad:
            return value, others, [torch.zeros_like(leaf) for leaf in leaves]
        gradients = torch.autograd.grad(
            value, leaves, allow_unused=True, materialize_grads=True
        )
    return value.detach(), others, list(gradients)


def _input_gradients_torch(function, tensor):
    import torch

    with torch.enable_grad():
        if not tensor.requires_grad:
            tensor = tensor.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(
            function(tensor),
            tensor,
            create_graph=True,
            allow_unused=True,
            materialize_grads=True,
        )
    return gradient


_BACKENDS = {
    "tensorflow": (_differentiate_tensorflow, _input_gradients_tensorflow),
    "jax": (_differentiate_jax, _input_gradients_jax),
    "torch": (_differentiate_torch, _input_gradients_torch),
}
