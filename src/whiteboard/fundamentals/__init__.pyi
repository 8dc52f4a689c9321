from .activation_functions import (
    ACTIVATIONS as ACTIVATIONS,
    elu as elu,
    elu_derivative as elu_derivative,
    gelu as gelu,
    gelu_derivative as gelu_derivative,
    leaky_relu as leaky_relu,
    leaky_relu_derivative as leaky_relu_derivative,
    normal_cdf as normal_cdf,
    relu as relu,
    relu_derivative as relu_derivative,
    sigmoid as sigmoid,
    sigmoid_derivative as sigmoid_derivative,
    silu as silu,
    silu_derivative as silu_derivative,
    swiglu as swiglu,
    tanh as tanh,
    tanh_derivative as tanh_derivative,
)
from .argument_checks import (
    require_below_one as require_below_one,
    require_not_negative as require_not_negative,
    require_positive as require_positive,
)
from .automatic_differentiation import (
    differentiate as differentiate,
    input_gradients as input_gradients,
)
from .backpropagation import two_layer_gradients as two_layer_gradients
from .batch_normalization import BatchNormalization as BatchNormalization
from .computation_graph import Node as Node
from .early_stopping import (
    EarlyStopping as EarlyStopping,
    stopping_epoch as stopping_epoch,
)
from .floating_point import (
    BFLOAT16 as BFLOAT16,
    FLOAT16 as FLOAT16,
    FLOAT32 as FLOAT32,
    FloatFormat as FloatFormat,
)
from .gradient_check import (
    numerical_gradient as numerical_gradient,
    relative_error as relative_error,
)
from .gradient_clipping import (
    clip_by_global_norm as clip_by_global_norm,
    clip_by_norm as clip_by_norm,
    clip_by_value as clip_by_value,
    global_norm as global_norm,
)
from .gradient_plot import plot_gradient_norms as plot_gradient_norms
from .gradients import (
    model_gradients as model_gradients,
    value_and_gradients as value_and_gradients,
)
from .group_normalization import GroupNormalization as GroupNormalization
from .initializers import (
    GlorotNormal as GlorotNormal,
    GlorotUniform as GlorotUniform,
    HeNormal as HeNormal,
    HeUniform as HeUniform,
    LecunNormal as LecunNormal,
    LecunUniform as LecunUniform,
    Orthogonal as Orthogonal,
    VarianceScaling as VarianceScaling,
    fans as fans,
)
from .inverted_dropout import Dropout as Dropout, dropout as dropout
from .label_smoothing import smooth_labels as smooth_labels
from .layer_diagnostics import (
    GradientDiagnostics as GradientDiagnostics,
    LayerDiagnostics as LayerDiagnostics,
    gradient_diagnostics as gradient_diagnostics,
)
from .layer_normalization import LayerNormalization as LayerNormalization
from .learning_rate_schedules import warmup_cosine_decay as warmup_cosine_decay
from .loss_scaling import LossScale as LossScale, loss_scaling_step as loss_scaling_step
from .losses import (
    binary_cross_entropy as binary_cross_entropy,
    log_softmax as log_softmax,
    log_sum_exp as log_sum_exp,
    mean_squared_error as mean_squared_error,
    softmax as softmax,
    softmax_cross_entropy as softmax_cross_entropy,
    softmax_cross_entropy_gradient as softmax_cross_entropy_gradient,
    sparse_softmax_cross_entropy as sparse_softmax_cross_entropy,
)
from .mlp import MLP as MLP, mlp_forward as mlp_forward
from .normalization import moments as moments, normalize as normalize
from .normalized_network import normalized_mlp as normalized_mlp
from .optimizers import (
    adam_step as adam_step,
    adamw_step as adamw_step,
    rmsprop_step as rmsprop_step,
    sgd_step as sgd_step,
)
from .perceptron import (
    Perceptron as Perceptron,
    novikoff_bound as novikoff_bound,
    perceptron_epoch as perceptron_epoch,
)
from .rms_normalization import (
    RMSNormalization as RMSNormalization,
    rms_normalize as rms_normalize,
)
from .signal_propagation import (
    backpropagate as backpropagate,
    jacobian as jacobian,
    propagate as propagate,
)
