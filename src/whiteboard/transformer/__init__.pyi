from .attention import (
    causal_mask as causal_mask,
    scaled_dot_product_attention as scaled_dot_product_attention,
)
from .attention_plot import plot_attention_weights as plot_attention_weights
from .multi_head_attention import MultiHeadAttention as MultiHeadAttention
from .positional_encoding import (
    LearnedPositionalEncoding as LearnedPositionalEncoding,
    SinusoidalPositionalEncoding as SinusoidalPositionalEncoding,
    sinusoidal_encoding as sinusoidal_encoding,
)
