"""Networks from their parts: neurons, gradients, initializers, norms, optimizers."""

from whiteboard.fundamentals.gradients import model_gradients, value_and_gradients

__all__ = ["model_gradients", "value_and_gradients"]
