from .adversarial_losses import (
    ADVERSARIAL_LOSSES as ADVERSARIAL_LOSSES,
    critic_generator_loss as critic_generator_loss,
    critic_loss as critic_loss,
    discriminator_cross_entropy as discriminator_cross_entropy,
    hinge_discriminator_loss as hinge_discriminator_loss,
    least_squares_discriminator_loss as least_squares_discriminator_loss,
    least_squares_generator_loss as least_squares_generator_loss,
    non_saturating_generator_loss as non_saturating_generator_loss,
    saturating_generator_loss as saturating_generator_loss,
)
from .game import Game as Game, PlayersOptimizer as PlayersOptimizer
from .gan import GAN as GAN
from .trained_weights import (
    load_trained_weights as load_trained_weights,
    save_trained_weights as save_trained_weights,
)
