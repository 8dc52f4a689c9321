from whiteboard.transformer.attention import causal_mask, scaled_dot_product_attention
from whiteboard.transformer.attention_plot import plot_attention_weights
from whiteboard.transformer.multi_head_attention import MultiHeadAttention
from whiteboard.transformer.positional_encoding import (
    LearnedPositionalEncoding,
    SinusoidalPositionalEncoding,
    sinusoidal_encoding,
)

__all__ = [
    "LearnedPositionalEncoding",
    "MultiHeadAttention",
    "SinusoidalPositionalEncoding",
    "causal_mask",
    "plot_attention_weights",
    "scaled_dot_product_attention",
    "sinusoidal_encoding",
]
