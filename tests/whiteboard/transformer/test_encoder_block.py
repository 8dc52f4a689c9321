import keras
import numpy as np
import pytest
from keras import layers, ops

from whiteboard.fundamentals import model_gradients
from whiteboard.transformer import ALiBi, EncoderBlock


def random(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def model_of(block, mask_name):
    """A model of one block whose second input is the padding mask."""
    inputs = keras.Input((5, 8)), keras.Input((5,), dtype="bool")
    return keras.Model(inputs, block(inputs[0], **{mask_name: inputs[1]}))


@pytest.mark.parametrize("norm_first", [True, False], ids=["pre_norm", "post_norm"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_agrees_with_keras_hub(keras_hub, norm_first, activation):
    mine = EncoderBlock(2, 16, activation=activation, norm_first=norm_first)
    theirs = keras_hub.layers.TransformerEncoder(
        16,
        2,
        activation=activation,
        layer_norm_epsilon=1e-6,
        normalize_first=norm_first,
    )
    models = model_of(mine, "mask"), model_of(theirs, "padding_mask")
    drawn = [random(*w.shape, seed=i) / 2 for i, w in enumerate(mine.weights)]
    x, y = random(3, 5, 8), random(3, 5, 8, seed=1)
    mask = np.arange(5) < np.array([[5], [3], [1]])
    results = []
    for model in models:
        model.set_weights(drawn)
        output = ops.convert_to_numpy(model((x, mask)))
        loss, gradients = model_gradients(model, (x, mask), y, "mse")
        results.append([output, loss, *gradients])
    for own, other in zip(*results, strict=True):
        np.testing.assert_allclose(own, other, atol=1e-5)


@pytest.mark.parametrize("norm_first", [True, False])
def test_post_norm_ends_normalized_and_pre_norm_does_not(norm_first):
    x = 10 * random(2, 5, 8)
    output = ops.convert_to_numpy(EncoderBlock(2, 16, norm_first=norm_first)(x))
    is_normalized = np.allclose(output.std(axis=-1), 1, atol=1e-3)
    assert is_normalized == (not norm_first)


def test_position_acts_in_attention_and_survives_serialization():
    keras.utils.set_random_seed(3)
    block = EncoderBlock(2, 16, position=ALiBi())
    x, order = random(1, 5, 8), [3, 1, 4, 0, 2]
    shuffled = ops.convert_to_numpy(block(x[:, order]))
    output = ops.convert_to_numpy(block(x))
    assert np.abs(shuffled - output[:, order]).max() > 1e-3
    revived = EncoderBlock.from_config(block.get_config())
    revived.build(x.shape)
    revived.set_weights(block.get_weights())
    assert isinstance(revived.attention.position, ALiBi)
    np.testing.assert_allclose(ops.convert_to_numpy(revived(x)), output, atol=1e-6)


def builtin_block(inputs, num_heads, mlp_dim):
    """The same block from Keras' own layers, in the order of the weights."""
    width = inputs.shape[-1]
    x = layers.LayerNormalization(epsilon=1e-6)(inputs)
    x = layers.MultiHeadAttention(num_heads, width // num_heads)(x, x)
    attended = layers.Add()([inputs, x])
    x = layers.LayerNormalization(epsilon=1e-6)(attended)
    x = layers.Dense(width)(layers.Dense(mlp_dim, "gelu")(x))
    return layers.Add()([attended, x])


def test_agrees_with_the_builtin_layers_forward_and_backward():
    inputs = keras.Input((5, 8))
    mine = keras.Model(inputs, EncoderBlock(2, 16)(inputs))
    theirs = keras.Model(inputs, builtin_block(inputs, 2, 16))
    drawn = [random(*w.shape, seed=i) / 2 for i, w in enumerate(theirs.weights)]
    x, y = random(3, 5, 8), random(3, 5, 8, seed=1)
    block = mine.layers[-1]
    parts = [block.attention_norm, block.attention, block.mlp_norm, block.mlp]
    weights = [weight for part in parts for weight in part.weights]
    for weight, value in zip(weights, drawn, strict=True):
        weight.assign(value)
    theirs.set_weights(drawn)
    np.testing.assert_allclose(
        mine.predict(x, verbose=0), theirs.predict(x, verbose=0), atol=1e-5
    )
    for model in (mine, theirs):
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.fit(x, y, batch_size=3, verbose=0)
    for weight, other in zip(weights, theirs.weights, strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(weight), ops.convert_to_numpy(other), atol=1e-5
        )


def test_parameters_of_vit_base():
    block = EncoderBlock(num_heads=12, mlp_dim=3072)
    block.build((None, 197, 768))
    assert block.count_params() == 7_087_872


def test_zero_output_weights_make_it_the_identity():
    block, x = EncoderBlock(2, 16), random(2, 5, 8)
    block(x)
    block.attention.output_kernel.assign(np.zeros((2, 4, 8)))
    block.mlp.kernels[-1].assign(np.zeros((16, 8)))
    np.testing.assert_array_equal(ops.convert_to_numpy(block(x)), x)


def test_padding_does_not_reach_the_other_tokens():
    block, x = EncoderBlock(2, 16), random(1, 5, 8)
    mask = np.array([[True, True, True, False, False]])
    before = ops.convert_to_numpy(block(x, mask=mask))
    x[:, 3:] = 9
    after = ops.convert_to_numpy(block(x, mask=mask))
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    short = ops.convert_to_numpy(block(x[:, :3]))
    np.testing.assert_allclose(before[:, :3], short, atol=1e-5)


def test_is_permutation_equivariant():
    block, x, order = EncoderBlock(2, 16), random(1, 5, 8), [3, 1, 4, 0, 2]
    shuffled = ops.convert_to_numpy(block(x[:, order]))
    np.testing.assert_allclose(
        shuffled, ops.convert_to_numpy(block(x))[:, order], atol=1e-5
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_heads": 0}, "num_heads must be a positive integer. Received: .*=0"),
        ({"num_heads": 2.0}, "num_heads must be a positive integer"),
        ({"mlp_dim": -1}, "mlp_dim must be a positive integer. Received: mlp_dim=-1"),
        ({"num_heads": 3}, "num_heads must divide the width.*num_heads=3, width=8"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        EncoderBlock(**{"num_heads": 2, "mlp_dim": 16, **arguments})(random(2, 5, 8))


@pytest.mark.parametrize("shape", [(5, 8), (2, 5, None), (2, 3, 5, 8)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="needs inputs of shape.*Received"):
        EncoderBlock(2, 16).build(shape)
