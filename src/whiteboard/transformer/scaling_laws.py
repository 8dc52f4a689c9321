"""How the loss falls with parameters and tokens, and how to split a budget of FLOPs."""

import dataclasses
import math

from whiteboard.fundamentals import require_positive

# N parameters, D training tokens, C = 6 N D FLOPs of training.


@dataclasses.dataclass(frozen=True)
class LossLaw:
    r"""The loss of a language model as a function of its size and of its data.

    $$L(N, D) = E + \frac{A}{N^\alpha} + \frac{B}{D^\beta}$$

    Hoffmann et al. 2022, "Training Compute-Optimal Large Language Models", equation 2.

    Args:
        irreducible_loss: E, the entropy of text, in nats a token.
        parameter_scale: A.
        parameter_exponent: $\alpha$.
        data_scale: B.
        data_exponent: $\beta$.

    Raises:
        ValueError: If a number but E is not positive, or E is negative.

    Examples:
        >>> law = LossLaw(1.69, 406.4, 0.34, 410.7, 0.28)
        >>> round(law.loss(70e9, 1.4e12), 2)
        1.94
    """

    irreducible_loss: float
    parameter_scale: float
    parameter_exponent: float
    data_scale: float
    data_exponent: float

    def __post_init__(self):
        numbers = dataclasses.asdict(self)
        if not numbers.pop("irreducible_loss") >= 0:
            raise ValueError(
                "irreducible_loss must not be negative. "
                f"Received: irreducible_loss={self.irreducible_loss}"
            )
        require_positive(**numbers)

    def loss(self, parameters, tokens):
        """The loss of N parameters trained on D tokens, numbers or arrays."""
        too_small = self.parameter_scale / parameters**self.parameter_exponent
        too_little_data = self.data_scale / tokens**self.data_exponent
        return self.irreducible_loss + too_small + too_little_data

    def compute_optimal(self, flops):
        r"""The N and D = C / (6 N) of the smallest loss.

        $$N = \left( \frac{\alpha A}{\beta B} \right)^{\frac{1}{\alpha + \beta}}
        \left( \frac{C}{6} \right)^{\frac{\beta}{\alpha + \beta}}$$

        Args:
            flops: C, a positive number.

        Returns:
            `(parameters, tokens)`.

        Raises:
            ValueError: If `flops` is not positive.
        """
        require_positive(flops=flops)
        alpha, beta = self.parameter_exponent, self.data_exponent
        balance = alpha * self.parameter_scale / (beta * self.data_scale)
        parameters = (balance * (flops / 6) ** beta) ** (1 / (alpha + beta))
        return parameters, flops / (6 * parameters)


def compute_optimal_size(flops, tokens_per_parameter=20):
    r"""Split C = 6 N D at a fixed number of tokens a parameter.

    $$D = r N, \qquad N = \sqrt{\frac{C}{6 r}}$$

    Hoffmann et al. 2022 find r near 20 at every budget.

    Args:
        flops: C, a positive number.
        tokens_per_parameter: r, a positive number.

    Returns:
        `(parameters, tokens)`.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> parameters, tokens = compute_optimal_size(5.88e23)
        >>> round(parameters / 1e9), round(tokens / 1e12, 1)
        (70, 1.4)
    """
    require_positive(flops=flops, tokens_per_parameter=tokens_per_parameter)
    parameters = math.sqrt(flops / (6 * tokens_per_parameter))
    return parameters, tokens_per_parameter * parameters
