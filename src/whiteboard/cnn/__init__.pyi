from .alexnet import AlexNet as AlexNet
from .blur_pooling import (
    BlurPooling2D as BlurPooling2D,
    binomial_kernel as binomial_kernel,
    blur_pool as blur_pool,
)
from .cifar_resnet import cifar_network as cifar_network
from .convnext import (
    ConvNeXtTiny as ConvNeXtTiny,
    LayerScale as LayerScale,
    convnext_block as convnext_block,
)
from .convolution import (
    Conv2D as Conv2D,
    convolve as convolve,
    cross_correlate as cross_correlate,
    cross_correlate_loop as cross_correlate_loop,
)
from .dense_equivalent import convolution_matrix as convolution_matrix
from .densenet import DenseNet121 as DenseNet121, dense_layer as dense_layer
from .feature_extraction import feature_maps as feature_maps
from .filter_plot import (
    plot_feature_maps as plot_feature_maps,
    plot_filters as plot_filters,
)
from .image_classifier import (
    image_input as image_input,
    softmax_classifier as softmax_classifier,
)
from .layer_costs import (
    LayerCost as LayerCost,
    ModelCost as ModelCost,
    count_flops as count_flops,
)
from .lenet import LeNet5 as LeNet5
from .local_response_normalization import (
    LocalResponseNormalization as LocalResponseNormalization,
    local_response_normalize as local_response_normalize,
)
from .model_graph import run_graph as run_graph
from .pooling import (
    AveragePooling2D as AveragePooling2D,
    MaxPooling2D as MaxPooling2D,
    average_pool as average_pool,
    global_average_pool as global_average_pool,
    max_pool as max_pool,
    pool_loop as pool_loop,
)
from .receptive_field import (
    ReceptiveField as ReceptiveField,
    receptive_fields as receptive_fields,
)
from .residual_block import (
    PreActivationBlock as PreActivationBlock,
    ResidualBlock as ResidualBlock,
    zero_padding_shortcut as zero_padding_shortcut,
)
from .residual_mlp import (
    ResidualMLP as ResidualMLP,
    stack_backward as stack_backward,
    stack_forward as stack_forward,
    train_residual_mlp as train_residual_mlp,
)
from .resnet import (
    ResNet18 as ResNet18,
    ResNet34 as ResNet34,
    ResNet50 as ResNet50,
    ResNet101 as ResNet101,
    ResNet152 as ResNet152,
    basic_convolutions as basic_convolutions,
    bottleneck_convolutions as bottleneck_convolutions,
    residual_unit as residual_unit,
)
from .separable_convolution import (
    DepthwiseConv2D as DepthwiseConv2D,
    SeparableConv2D as SeparableConv2D,
    depthwise_convolution as depthwise_convolution,
    pointwise_convolution as pointwise_convolution,
)
from .small_convnet import SmallConvNet as SmallConvNet
from .vgg import VGG16 as VGG16, VGG19 as VGG19
from .windows import (
    output_size as output_size,
    padding_amounts as padding_amounts,
    window_taps as window_taps,
)
