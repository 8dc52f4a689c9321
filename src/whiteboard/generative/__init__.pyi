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
from .anogan import search_latents as search_latents
from .autoencoder import (
    Autoencoder as Autoencoder,
    reconstruction_error as reconstruction_error,
)
from .classifier_score import inception_score as inception_score
from .conditional_digit_gan import (
    build_conditional_digit_gan as build_conditional_digit_gan,
    load_conditional_digit_gan as load_conditional_digit_gan,
)
from .conditional_gan import ConditionalGAN as ConditionalGAN
from .conditioning import (
    ConcatenateCondition as ConcatenateCondition,
    ProjectionLogits as ProjectionLogits,
    concatenate_condition as concatenate_condition,
)
from .critic_slope import (
    gradient_norms as gradient_norms,
    gradient_norms_by_layer as gradient_norms_by_layer,
    gradient_penalty as gradient_penalty,
    random_interpolates as random_interpolates,
)
from .cycle_gan import CycleGAN as CycleGAN
from .data_copying import data_copying_score as data_copying_score
from .dcgan import (
    dcgan_discriminator as dcgan_discriminator,
    dcgan_generator as dcgan_generator,
)
from .diffusion_model import DiffusionModel as DiffusionModel
from .diffusion_process import (
    added_noise as added_noise,
    denoise as denoise,
    diffuse as diffuse,
    predict_data as predict_data,
    sample_diffusion as sample_diffusion,
)
from .digit_classifier import (
    build_digit_classifier as build_digit_classifier,
    load_digit_classifier as load_digit_classifier,
)
from .digit_gan import (
    build_digit_gan as build_digit_gan,
    load_digit_gan as load_digit_gan,
)
from .dirac_gan import (
    dirac_gan_gradients as dirac_gan_gradients,
    dirac_gan_trajectory as dirac_gan_trajectory,
)
from .divergences import (
    earth_mover_distance as earth_mover_distance,
    jensen_shannon_divergence as jensen_shannon_divergence,
    kl_divergence as kl_divergence,
    total_variation as total_variation,
)
from .feature_samples import as_features as as_features
from .frechet_distance import (
    extrapolated_frechet_distance as extrapolated_frechet_distance,
    frechet_inception_distance as frechet_inception_distance,
    gaussian_frechet_distance as gaussian_frechet_distance,
    symmetric_square_root as symmetric_square_root,
)
from .game import Game as Game, PlayersOptimizer as PlayersOptimizer
from .game_plot import plot_game as plot_game
from .gan import GAN as GAN
from .ideal_denoiser import ideal_noise as ideal_noise
from .kernel_distance import kernel_inception_distance as kernel_inception_distance
from .lipschitz import lipschitz_bound as lipschitz_bound
from .minibatch_discrimination import (
    MinibatchDiscrimination as MinibatchDiscrimination,
    minibatch_similarities as minibatch_similarities,
)
from .minimax_game import (
    game_value as game_value,
    optimal_discriminator as optimal_discriminator,
)
from .mode_coverage import (
    ModeCoverage as ModeCoverage,
    measure_mode_coverage as measure_mode_coverage,
)
from .noise_network import TimeEmbedding as TimeEmbedding, noise_mlp as noise_mlp
from .noise_schedule import (
    alpha_bars as alpha_bars,
    cosine_schedule as cosine_schedule,
    linear_schedule as linear_schedule,
)
from .pac_gan import (
    PacGAN as PacGAN,
    pack_samples as pack_samples,
)
from .pix2pix import Pix2Pix as Pix2Pix
from .precision_recall import (
    density_coverage as density_coverage,
    manifold_precision_recall as manifold_precision_recall,
    neighbor_radii as neighbor_radii,
)
from .r1_gan import R1GAN as R1GAN
from .sample_plot import plot_images as plot_images
from .spectral_normalization import (
    SpectralNormalization as SpectralNormalization,
    spectral_norm as spectral_norm,
)
from .style_generator import (
    StyleGenerator as StyleGenerator,
    mix_styles as mix_styles,
)
from .style_layers import (
    AdaptiveInstanceNormalization as AdaptiveInstanceNormalization,
    NoiseInjection as NoiseInjection,
    adaptive_instance_normalization as adaptive_instance_normalization,
)
from .trained_weights import (
    load_trained_weights as load_trained_weights,
    save_trained_weights as save_trained_weights,
)
from .translation_networks import (
    patch_discriminator as patch_discriminator,
    unet_generator as unet_generator,
)
from .unrolled_gan import (
    UnrolledGAN as UnrolledGAN,
    unrolled_weights as unrolled_weights,
)
from .variational_autoencoder import (
    VariationalAutoencoder as VariationalAutoencoder,
    gaussian_log_likelihood as gaussian_log_likelihood,
    kl_to_standard_normal as kl_to_standard_normal,
    reparameterize as reparameterize,
)
from .wasserstein_gan import (
    GradientPenaltyGAN as GradientPenaltyGAN,
    WassersteinGAN as WassersteinGAN,
)
from .weight_modulation import (
    ModulatedConv2D as ModulatedConv2D,
    modulated_convolution as modulated_convolution,
)
