import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.cnn import PreActivationBlock, ResidualBlock, cifar_network
from whiteboard.fundamentals import gradient_diagnostics

# Trainable parameters. He et al. 2015, table 6: 0.27M, 0.46M, 0.66M, 0.85M, 1.7M, 19.4M.
PARAMETERS = {20: 269_722, 32: 464_154, 44: 658_586, 56: 853_018, 110: 1_727_962}
TINY = {"depth": 8, "filters": 4, "input_shape": (8, 8, 1)}


def trainable(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def by_hand(depth):
    n, k = depth // 6, 9
    stem = 3 * 16 * k + 2 * 16
    total = stem + 64 * 10 + 10
    for channels, filters in [(16, 16), (16, 32), (32, 64)]:
        first = channels * filters * k + filters**2 * k
        total += first + (n - 1) * 2 * filters**2 * k + n * 2 * 2 * filters
    return total


def images(count=4, shape=(8, 8, 1)):
    return np.random.default_rng(0).normal(size=(count, *shape)).astype("float32")


@pytest.mark.parametrize("depth", [20, 32, 44, 56])
@pytest.mark.parametrize("residual", [True, False])
def test_parameters_are_those_of_the_paper(depth, residual):
    model = cifar_network(depth, residual)
    assert trainable(model) == PARAMETERS[depth] == by_hand(depth)


def test_formula_gives_the_paper_s_deep_networks():
    assert by_hand(110) == PARAMETERS[110] and round(by_hand(1202) / 1e6, 1) == 19.4


def test_depth_counts_the_layers_with_weights():
    model = cifar_network(20)
    kernels = [w for w in model.trainable_weights if w.name == "kernel"]
    assert len(kernels) == 20


@pytest.mark.parametrize("pre_activation", [False, True])
def test_plain_twin_has_the_same_weights_and_no_skip(pre_activation):
    residual, plain = (
        cifar_network(**TINY, residual=flag, pre_activation=pre_activation)
        for flag in (True, False)
    )
    shapes = [[w.shape for w in model.weights] for model in (residual, plain)]
    assert shapes[0] == shapes[1]
    plain.set_weights(residual.get_weights())
    x = images()
    difference = residual.predict(x, verbose=0) - ops.convert_to_numpy(plain(x))
    assert np.abs(difference).max() > 1e-3
    kernels = [w for w in plain.trainable_weights if w.name == "kernel"]
    kernels[1].assign(ops.zeros(kernels[1].shape))  # cut the first block's branch
    block_1 = keras.Model(plain.input, plain.get_layer("stage_1_block_1").output)
    assert np.ptp(ops.convert_to_numpy(block_1(x)), axis=0).max() < 1e-5


@pytest.mark.parametrize("pre_activation", [False, True])
def test_blocks_and_resolutions(pre_activation):
    model = cifar_network(14, pre_activation=pre_activation)
    kind = PreActivationBlock if pre_activation else ResidualBlock
    blocks = [layer for layer in model.layers if isinstance(layer, ResidualBlock)]
    assert [type(block) for block in blocks] == [kind] * 6
    assert [block.output.shape[1:] for block in blocks] == (
        [(32, 32, 16)] * 2 + [(16, 16, 32)] * 2 + [(8, 8, 64)] * 2
    )


@pytest.mark.parametrize("pre_activation", [False, True])
def test_zero_init_starts_every_block_at_its_shortcut(pre_activation):
    model = cifar_network(
        14,
        pre_activation=pre_activation,
        zero_init_residual=True,
        filters=4,
        input_shape=(8, 8, 1),
    )
    x = images()
    first = model.get_layer("stage_1_block_1")
    last = model.get_layer("stage_1_block_2")
    start, end = keras.Model(model.input, [first.input, last.output])(x)
    np.testing.assert_array_equal(
        ops.convert_to_numpy(start), ops.convert_to_numpy(end)
    )


def test_any_image_size():
    model = cifar_network(8, input_shape=(None, None, 2), filters=2, classes=3)
    for size in (1, 8, 13):
        assert model(images(2, (size, size + 3, 2))).shape == (2, 3)


def test_trains_and_shows_one_row_per_block():
    keras.utils.set_random_seed(0)
    model = cifar_network(**TINY)
    x, y = images(64), np.arange(64) % 10
    model.compile("adam", "sparse_categorical_crossentropy")
    losses = model.fit(x, y, 32, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    rows = gradient_diagnostics(model, x, y, "sparse_categorical_crossentropy")
    assert sum("block" in row.name for row in rows) == 3


@pytest.mark.parametrize("pre_activation", [False, True])
def test_save_and_load(pre_activation, tmp_path):
    model = cifar_network(**TINY, pre_activation=pre_activation)
    rng = np.random.default_rng(1)
    model.set_weights([w + abs(rng.normal(size=w.shape)) for w in model.get_weights()])
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = images()
    np.testing.assert_allclose(
        loaded.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6
    )


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision(policy):
    keras.utils.set_random_seed(0)
    reference = cifar_network(**TINY)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        model = cifar_network(**TINY)
    finally:
        keras.config.set_dtype_policy(before)
    model.set_weights(reference.get_weights())
    assert {keras.backend.standardize_dtype(w.dtype) for w in model.weights} == {
        "float32"
    }
    x = images()
    output = model(x)
    assert model.get_layer("stage_1_block_1").compute_dtype in policy
    assert keras.backend.standardize_dtype(output.dtype) == "float32"
    np.testing.assert_allclose(
        ops.convert_to_numpy(output), ops.convert_to_numpy(reference(x)), atol=0.05
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"depth": 18}, "depth must be 6 n . 2 .*Received: depth=18"),
        ({"depth": 2}, "Received: depth=2"),
        ({"depth": -4}, "Received: depth=-4"),
        ({"filters": 0}, "filters must be positive. Received: filters=0"),
        ({"classes": 0}, "classes must be positive. Received: classes=0"),
        ({"input_shape": (8, 8)}, r"Received: input_shape=\(8, 8\)"),
        ({"residual": False, "zero_init_residual": True}, "needs a shortcut"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cifar_network(**arguments)
