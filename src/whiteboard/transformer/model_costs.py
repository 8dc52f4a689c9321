"""What a Transformer costs before it is built: parameters, and FLOPs per token."""

import dataclasses

# Shapes: d width, L layers, H heads, Hkv of keys and values, m mlp_dim, V vocabulary, n length.


@dataclasses.dataclass(frozen=True)
class TransformerSize:
    """The sizes that decide the cost of a stack of identical Transformer layers.

    Args:
        width: d, the size of a token's vector between the layers.
        num_layers: L.
        num_heads: H, a divisor of the width; a head has d / H dimensions.
        vocabulary_size: V.
        mlp_dim: Hidden units of the MLP, m. `None` means 4 d.
        num_key_value_heads: Hkv, a divisor of H. `None` means H: no sharing.
        gated: Whether the MLP has a third matrix, as in SwiGLU.

    Raises:
        ValueError: If a size is not a positive integer or does not divide.

    Examples:
        >>> TransformerSize(768, 12, 12, 50257).matrix_weights
        84934656
    """

    width: int
    num_layers: int
    num_heads: int
    vocabulary_size: int
    mlp_dim: int | None = None
    num_key_value_heads: int | None = None
    gated: bool = False

    def __post_init__(self):
        defaults = {"mlp_dim": 4 * self.width, "num_key_value_heads": self.num_heads}
        for name, default in defaults.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, default)
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.name != "gated" and not (type(value) is int and value > 0):
                raise ValueError(
                    f"{field.name} must be a positive integer. "
                    f"Received: {field.name}={value}"
                )
        if self.width % self.num_heads or self.num_heads % self.num_key_value_heads:
            raise ValueError(
                "num_heads must divide width, and num_key_value_heads num_heads. "
                f"Received: width={self.width}, num_heads={self.num_heads}, "
                f"num_key_value_heads={self.num_key_value_heads}"
            )

    @property
    def key_value_dim(self):
        """Numbers in the keys of one token, all heads together."""
        return self.width // self.num_heads * self.num_key_value_heads

    @property
    def attention_weights(self):
        """Entries of the four projections of one layer: 4 d² without sharing."""
        return 2 * self.width * (self.width + self.key_value_dim)

    @property
    def mlp_weights(self):
        """Entries of the two matrices of one layer's MLP, three if gated."""
        return (3 if self.gated else 2) * self.width * self.mlp_dim

    @property
    def matrix_weights(self):
        """Entries of all matrices but the embeddings: the N of most scaling laws."""
        return self.num_layers * (self.attention_weights + self.mlp_weights)

    @property
    def embedding_weights(self):
        return self.vocabulary_size * self.width


def parameter_count(size, max_length=0, use_bias=True, tie_embeddings=True):
    r"""Count every parameter of a Transformer with a final normalization.

    $$N = \underbrace{L (4 d^2 + 2 d m)}_{\mathrm{matrices}} + V d + n_{max} d
    + \mathrm{biases} + \mathrm{normalizations}
    \approx 12 L d^2 + V d \quad (m = 4 d)$$

    Args:
        size: A `TransformerSize`.
        max_length: Rows of a table of learned positions; 0 if there is none.
        use_bias: Whether the projections, the MLP and the normalizations have biases.
        tie_embeddings: Whether the output layer reuses the embedding.

    Returns:
        The number of parameters.

    Raises:
        ValueError: If `max_length` is negative.

    Examples:
        >>> parameter_count(TransformerSize(768, 12, 12, 50257), max_length=1024)
        124439808
    """
    if max_length < 0:
        raise ValueError(
            f"max_length must not be negative. Received: max_length={max_length}"
        )
    tables = size.embedding_weights * (1 if tie_embeddings else 2)
    tables += max_length * size.width
    vectors = (2 * size.num_layers + 1) * size.width  # scales of the normalizations
    if use_bias:
        hidden = size.mlp_dim * (2 if size.gated else 1)
        biases = 3 * size.width + 2 * size.key_value_dim + hidden
        vectors += vectors + size.num_layers * biases
    return size.matrix_weights + tables + vectors


def attention_flops_per_token(size, length, causal=False):
    r"""FLOPs of the scores and of mixing the values, a token, averaged over n tokens.

    $$2 \cdot 2 \, L \, d \, \bar{n}, \qquad
    \bar{n} = n \; \mathrm{or, \; causal,} \; (n + 1) / 2$$

    Every query meets every key, also under a causal mask, unless the code skips the
    masked half. Sharing keys and values saves memory and nothing here.

    Args:
        size: A `TransformerSize`.
        length: n, the number of tokens.
        causal: Whether the masked half is skipped.

    Returns:
        FLOPs, a multiplication and an addition counted as two.

    Raises:
        ValueError: If `length` is not positive.
    """
    if not length > 0:
        raise ValueError(f"length must be positive. Received: length={length}")
    keys = (length + 1) / 2 if causal else length
    return 4 * size.num_layers * size.width * keys


def flops_per_token(size, length, causal=False):
    r"""FLOPs of the forward pass, a token: two for each weight, and the attention.

    $$2 N + 2 V d + 4 L d \bar{n}$$

    The backward pass costs twice as much: one product for the gradient of the inputs,
    one for that of the weights. A training step is three times this. Kaplan et al.
    2020, section 2.1. Looking up an embedding is free; the output layer is not.

    Args:
        size: A `TransformerSize`.
        length: n, the number of tokens.
        causal: Whether the masked half of the scores is skipped.

    Returns:
        FLOPs, a multiplication and an addition counted as two.

    Raises:
        ValueError: If `length` is not positive.

    Examples:
        >>> flops_per_token(TransformerSize(768, 12, 12, 50257), length=1024)
        284812800
    """
    weights = size.matrix_weights + size.embedding_weights
    return 2 * weights + attention_flops_per_token(size, length, causal)
