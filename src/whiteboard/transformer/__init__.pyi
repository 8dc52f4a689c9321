from .attention import (
    causal_mask as causal_mask,
    scaled_dot_product_attention as scaled_dot_product_attention,
)
from .attention_plot import plot_attention_weights as plot_attention_weights
from .class_token import ClassToken as ClassToken
from .encoder_block import EncoderBlock as EncoderBlock
from .multi_head_attention import MultiHeadAttention as MultiHeadAttention
from .patch_embedding import (
    ConvolutionalStem as ConvolutionalStem,
    PatchEmbedding as PatchEmbedding,
)
from .position_interpolation import interpolate_positions as interpolate_positions
from .positional_encoding import (
    LearnedPositionalEncoding as LearnedPositionalEncoding,
    SinusoidalPositionalEncoding as SinusoidalPositionalEncoding,
    sinusoidal_encoding as sinusoidal_encoding,
)
from .vision_transformer import VisionTransformer as VisionTransformer
