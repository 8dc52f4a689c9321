"""Gradients by automatic differentiation, in one call on any backend."""

import keras
from keras import ops

from whiteboard.fundamentals.automatic_differentiation import differentiate


def value_and_gradients(function, *arguments):
    """Evaluate a scalar function and its gradient with respect to each argument.

    By `differentiate`, with plain numbers and arrays as its result.

    Args:
        function: Takes the arguments as tensors, returns a scalar tensor.
        *arguments: Floating-point arrays or tensors, of any shapes.

    Returns:
        The value as a float, and a list of NumPy arrays with the shapes of the
        arguments; zeros for an argument on which the value does not depend.

    Raises:
        ValueError: If there is no argument, an argument is not floating point, or
            the value is not a scalar.

    Examples:
        >>> value_and_gradients(lambda x: keras.ops.sum(x**2), np.array([1.0, 3.0]))
        (10.0, [array([2., 6.])])
    """
    tensors = [ops.convert_to_tensor(argument) for argument in arguments]
    dtypes = [keras.backend.standardize_dtype(tensor.dtype) for tensor in tensors]
    if not tensors or not all("float" in dtype for dtype in dtypes):
        raise ValueError(f"arguments must be floating point. Received: dtypes={dtypes}")

    def scalar_function(*tensors):
        value = function(*tensors)
        if ops.shape(value) != ():
            raise ValueError(
                "function must return a scalar. "
                f"Received: a value of shape {tuple(ops.shape(value))}"
            )
        return value, []

    value, _, gradients = differentiate(scalar_function, *tensors)
    return float(value), [ops.convert_to_numpy(gradient) for gradient in gradients]


def model_gradients(model, x, y, loss, training=True):
    """Differentiate a model's loss on one batch with respect to its weights.

    The weights and the state of the model (moving averages, seeds) stay as they are.

    Args:
        model: A built `keras.Model`.
        x: A batch of inputs.
        y: The targets, as `loss` expects them.
        loss: A Keras loss or its name.
        training: Whether dropout and batch normalization are in training mode.

    Returns:
        The loss as a float, and a list of NumPy arrays, one for each of
        `model.trainable_variables` and of its shape.

    Raises:
        ValueError: If the model is not built or has nothing to train.
    """
    if not model.built or not model.trainable_variables:
        raise ValueError(
            "model must be built and have trainable variables. "
            f"Received: model={model.name}, built={model.built}, "
            f"{len(model.trainable_variables)} trainable variables"
        )
    loss = keras.losses.get(loss)

    def loss_of(*weights):
        return ops.mean(loss(y, call_with_weights(model, weights, x, training)))

    weights = [variable.value for variable in model.trainable_variables]
    return value_and_gradients(loss_of, *weights)


def call_with_weights(model, weights, x, training):
    """Call a model as if `weights` were its trainable variables, and change nothing.

    Unlike `model.stateless_call` it hands `training` on to the layers of a subclassed
    model whose `call` does not take it.
    """
    state = [(v, v.value) for v in model.non_trainable_variables]
    weights = zip(model.trainable_variables, weights, strict=True)
    with keras.StatelessScope(state_mapping=[*weights, *state]):
        return model(x, training=training)
