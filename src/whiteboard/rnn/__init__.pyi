from .additive_attention import (
    AdditiveAttention as AdditiveAttention,
    additive_scores as additive_scores,
)
from .backpropagation_through_time import (
    backpropagate_through_time as backpropagate_through_time,
    unrolled_states as unrolled_states,
)
from .bidirectional import Bidirectional as Bidirectional
from .bucketing import (
    bucket_by_length as bucket_by_length,
    pack as pack,
    padded_steps as padded_steps,
)
from .chrono_initializer import ChronoInitializer as ChronoInitializer
from .encoder_decoder import EncoderDecoder as EncoderDecoder
from .gru import GRU as GRU, gru_step as gru_step
from .linear_recurrence import (
    causal_convolution as causal_convolution,
    linear_scan as linear_scan,
    parallel_scan as parallel_scan,
)
from .lstm import LSTM as LSTM, lstm_step as lstm_step
from .recurrence import require_steps as require_steps
from .selective_state_space import SelectiveStateSpace as SelectiveStateSpace
from .simple_rnn import SimpleRNN as SimpleRNN, simple_rnn_step as simple_rnn_step
from .state_space import StateSpace as StateSpace, discretize as discretize
from .vanishing_gradients import (
    gradient_through_time as gradient_through_time,
    plot_gradient_through_time as plot_gradient_through_time,
)
from .variable_length import (
    last_valid_step as last_valid_step,
    length_mask as length_mask,
    masked_mean as masked_mean,
    pad as pad,
)
