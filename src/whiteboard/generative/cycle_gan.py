"""CycleGAN: translate between two domains without pairs."""

import keras
from keras import ops

from whiteboard.fundamentals import require_not_negative
from whiteboard.generative.adversarial_losses import (
    least_squares_discriminator_loss,
    least_squares_generator_loss,
)
from whiteboard.generative.game import Game

# Shapes: B batch, ... the axes of a sample; X and Y are the two domains.


@keras.saving.register_keras_serializable(package="whiteboard")
class CycleGAN(Game):
    r"""Two translations, each other's inverse, each judged in its target's domain.

    $$\mathcal{L}_{GAN}(G, D_Y) + \mathcal{L}_{GAN}(F, D_X)
    + \lambda \, \mathbb{E}\,[\|F(G(x)) - x\|_1 + \|G(F(y)) - y\|_1]$$

    Trained with `fit(x, y)`, where row i of x has nothing to do with row i of y. If the
    two came as pairs, `fit` would shuffle them together, but no loss compares them. The
    adversarial losses are least squares, and norms are means over all entries. Without
    the paper's buffer of past translations.

    Source: Zhu et al., "Unpaired Image-to-Image Translation using Cycle-Consistent
    Adversarial Networks", 2017, equations 1 to 3.

    Args:
        generators: Pair of models, `G: X -> Y` and `F: Y -> X`.
        discriminators: Pair of models from samples to logits: of X, and of Y.
        cycle_weight: Weight of the cycle, lambda.
        identity_weight: Weight of `|G(y) - y| + |F(x) - x|`, which keeps what is
            in the target's domain already (0.5 lambda in section 5.2 for paintings).
        **kwargs: Passed to `keras.Model`.

    Raises:
        ValueError: If there are not two of each, or a weight is negative.

    Examples:
        >>> model = CycleGAN([to_zebra, to_horse], [horse_critic, zebra_critic])
        >>> model.compile({"discriminators": Adam(2e-4), "generators": Adam(2e-4)})
        >>> model.fit(horses, zebras, batch_size=1, epochs=10)
        >>> model.generators[0].predict(horses)
    """

    players = ("discriminators", "generators")

    def __init__(
        self,
        generators,
        discriminators,
        cycle_weight=10.0,
        identity_weight=0.0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        require_not_negative(cycle_weight=cycle_weight, identity_weight=identity_weight)
        for name, pair in zip(self.players, (discriminators, generators), strict=True):
            if len(pair) != 2:
                raise ValueError(f"{name} must be two. Received: {len(pair)}")
        self.generators = list(generators)
        self.discriminators = list(discriminators)
        self.cycle_weight = cycle_weight
        self.identity_weight = identity_weight

    def call(self, x, training=False):
        return self.generators[0](x, training=training)

    def play(self, x, y):
        to_y, to_x = self.generators
        fake_x, fake_y = to_x(y, training=True), to_y(x, training=True)
        discriminators_value = self.improve(
            "discriminators",
            lambda: self.discriminators_loss(x, y, fake_x, fake_y),
        )
        generators_value = self.improve(
            "generators", lambda: self.generators_loss(x, y)
        )
        return {"discriminators": discriminators_value, "generators": generators_value}

    def discriminators_loss(self, x, y, fake_x, fake_y):
        """Each discriminator's loss in its own domain."""
        loss = least_squares_discriminator_loss
        judge_x, judge_y = self.discriminators
        return loss(judge_x(x, training=True), judge_x(fake_x, training=True)) + loss(
            judge_y(y, training=True), judge_y(fake_y, training=True)
        )

    def generators_loss(self, x, y):
        """Both adversarial losses, the cycles, and the identity where it has weight."""
        to_y, to_x = self.generators
        judge_x, judge_y = self.discriminators
        fake_x, fake_y = to_x(y, training=True), to_y(x, training=True)
        total = least_squares_generator_loss(judge_x(fake_x, training=True))
        total += least_squares_generator_loss(judge_y(fake_y, training=True))
        cycle = mean_distance(to_x(fake_y, training=True), x)
        cycle += mean_distance(to_y(fake_x, training=True), y)
        total += self.cycle_weight * cycle
        if self.identity_weight:
            kept = mean_distance(to_y(y, training=True), y)
            kept += mean_distance(to_x(x, training=True), x)
            total += self.identity_weight * kept
        return total

    def cycle_distances(self, x, y):
        """Mean distance to x and y after there and back, as two numbers."""
        to_y, to_x = self.generators
        back = to_x.predict(to_y.predict(x, verbose=0), verbose=0)
        forth = to_y.predict(to_x.predict(y, verbose=0), verbose=0)
        return float(mean_distance(back, x)), float(mean_distance(forth, y))

    def get_config(self):
        serialize = keras.saving.serialize_keras_object
        return {
            **super().get_config(),
            "generators": [serialize(model) for model in self.generators],
            "discriminators": [serialize(model) for model in self.discriminators],
            "cycle_weight": self.cycle_weight,
            "identity_weight": self.identity_weight,
        }

    @classmethod
    def from_config(cls, config):
        deserialize = keras.saving.deserialize_keras_object
        for parts in cls.players:
            config[parts] = [deserialize(model) for model in config[parts]]
        return cls(**config)


def mean_distance(a, b):
    """Mean absolute difference of two tensors of one shape."""
    return ops.mean(ops.abs(ops.subtract(a, b)))
