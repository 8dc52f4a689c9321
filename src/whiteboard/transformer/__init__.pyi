from .alibi import ALiBi as ALiBi, alibi_slopes as alibi_slopes
from .attention import (
    causal_mask as causal_mask,
    scaled_dot_product_attention as scaled_dot_product_attention,
)
from .attention_plot import plot_attention_weights as plot_attention_weights
from .attention_position import AttentionPosition as AttentionPosition
from .attention_recording import attention_maps as attention_maps
from .beam import beam_search as beam_search, length_penalty as length_penalty
from .blockwise import (
    blockwise_attention as blockwise_attention,
    blockwise_attention_gradients as blockwise_attention_gradients,
)
from .cache_size import key_value_cache_bytes as key_value_cache_bytes
from .causal_language_model import CausalLanguageModel as CausalLanguageModel
from .class_token import ClassToken as ClassToken
from .decoder_block import DecoderBlock as DecoderBlock
from .decoding import generate as generate, next_token_logits as next_token_logits
from .encoder_block import EncoderBlock as EncoderBlock
from .head_ablation import without_heads as without_heads
from .head_pooling import pool_key_value_heads as pool_key_value_heads
from .inference_costs import decoding_step_seconds as decoding_step_seconds
from .key_value_cache import write_to_cache as write_to_cache
from .lora import LoRADense as LoRADense, low_rank_update as low_rank_update
from .lora_model import LoRAModel as LoRAModel, matrix_shape as matrix_shape
from .masks import (
    packed_mask as packed_mask,
    packed_positions as packed_positions,
    prefix_mask as prefix_mask,
)
from .memory_costs import (
    activation_bytes as activation_bytes,
    training_bytes as training_bytes,
)
from .model_costs import (
    TransformerSize as TransformerSize,
    attention_flops_per_token as attention_flops_per_token,
    flops_per_token as flops_per_token,
    parameter_count as parameter_count,
)
from .multi_head_attention import MultiHeadAttention as MultiHeadAttention
from .ngram_model import NGramModel as NGramModel
from .online_softmax import (
    NOTHING_SEEN as NOTHING_SEEN,
    online_softmax_step as online_softmax_step,
)
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
from .product_trace import ProductTrace as ProductTrace, TracedArray as TracedArray
from .relative_position_bias import (
    RelativePositionBias as RelativePositionBias,
    relative_position_bucket as relative_position_bucket,
    relative_positions as relative_positions,
)
from .rotary_embedding import (
    RotaryEmbedding as RotaryEmbedding,
    apply_rotary_embedding as apply_rotary_embedding,
)
from .sampling import (
    apply_temperature as apply_temperature,
    greedy_tokens as greedy_tokens,
    penalize_repetition as penalize_repetition,
    sample_tokens as sample_tokens,
    top_k_filter as top_k_filter,
    top_p_filter as top_p_filter,
)
from .scaling_laws import (
    LossLaw as LossLaw,
    compute_optimal_size as compute_optimal_size,
)
from .sliding_window import (
    sliding_window_attention as sliding_window_attention,
    sliding_window_mask as sliding_window_mask,
)
from .speculative_decoding import (
    accept_draft as accept_draft,
    acceptance_rate as acceptance_rate,
    expected_tokens as expected_tokens,
    speculative_generate as speculative_generate,
)
from .token_embedding import TokenAndPositionEmbedding as TokenAndPositionEmbedding
from .traced_layers import (
    attention_layer as attention_layer,
    recurrent_layer as recurrent_layer,
)
from .transformer_block import TransformerBlock as TransformerBlock
from .translation_model import TranslationModel as TranslationModel
from .vision_transformer import VisionTransformer as VisionTransformer
