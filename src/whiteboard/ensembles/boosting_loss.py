"""What gradient boosting asks of a loss: its value, negative gradient, line search."""

import numpy as np
from scipy.special import expit, logit

# Shapes: N rows. `prediction` is F(x), before any link function.


class SquaredErrorLoss:
    r"""$L(y, F) = \frac{1}{2} (y - F)^2$. Friedman 2001, section 4.1.

    Examples:
        >>> SquaredErrorLoss().negative_gradient(np.array([3.0]), np.array([1.0]))
        array([2.])
    """

    def __call__(self, y, prediction):
        """The mean loss over the rows."""
        return float(np.mean((y - prediction) ** 2) / 2)

    def negative_gradient(self, y, prediction):
        """The residual itself, `(N,)`."""
        return y - prediction

    def line_search(self, y, prediction):
        """The constant to add to all rows that lowers the loss most: the mean."""
        return np.mean(y - prediction)

    def baseline(self, y):
        """The best constant prediction."""
        return np.mean(y)


class AbsoluteErrorLoss:
    r"""$L(y, F) = |y - F|$. Friedman 2001, section 4.2.

    Examples:
        >>> AbsoluteErrorLoss().negative_gradient(np.array([3.0]), np.array([1.0]))
        array([1.])
    """

    def __call__(self, y, prediction):
        """The mean loss over the rows."""
        return float(np.mean(np.abs(y - prediction)))

    def negative_gradient(self, y, prediction):
        """Only the sign of the residual, `(N,)`."""
        return np.sign(y - prediction)

    def line_search(self, y, prediction):
        """The constant to add to all rows that lowers the loss most: the median."""
        return np.median(y - prediction)

    def baseline(self, y):
        """The best constant prediction."""
        return np.median(y)


class LogLoss:
    r"""$L(y, F) = \log(1 + e^F) - y F$ with $y \in \{0, 1\}$, where
    $p = 1 / (1 + e^{-F})$ is the probability of class 1. Friedman 2001, section 4.5,
    with $F$ the log-odds (Friedman's $F$ is half of them).

    Examples:
        >>> LogLoss().negative_gradient(np.array([1.0]), np.array([0.0]))
        array([0.5])
    """

    def __call__(self, y, prediction):
        """The mean loss over the rows."""
        return float(np.mean(np.logaddexp(0, prediction) - y * prediction))

    def negative_gradient(self, y, prediction):
        """The label minus the probability, `(N,)`."""
        return y - expit(prediction)

    def line_search(self, y, prediction):
        """One Newton step towards the best constant, which has no closed form."""
        probability = expit(prediction)
        curvature = np.sum(probability * (1 - probability))
        return np.sum(y - probability) / curvature if curvature > 1e-150 else 0.0

    def baseline(self, y):
        """The best constant prediction: the log-odds of class 1."""
        return logit(np.mean(y))
