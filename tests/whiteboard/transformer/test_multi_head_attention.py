import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.transformer import MultiHeadAttention, scaled_dot_product_attention

SHAPES = {"query": (3, 5, 8), "value": (3, 6, 7), "key": (3, 6, 9)}
RNG = np.random.default_rng(0)
ATTENTION_MASK = RNG.random((3, 5, 6)) < 0.7
ATTENTION_MASK[..., 0] = True
VALUE_MASK = np.array([[True] * 6, [True] * 4 + [False] * 2, [True] + [False] * 5])
HEAD_MASK = np.stack([ATTENTION_MASK, np.ones_like(ATTENTION_MASK)], axis=1)

# name: (constructor arguments, which inputs, call arguments)
SETTINGS = {
    "plain": ({}, "qv", {}),
    "key given": ({}, "qvk", {}),
    "no bias": ({"use_bias": False}, "qv", {}),
    "value_dim": ({"value_dim": 3}, "qvk", {}),
    "causal": ({}, "qv", {"use_causal_mask": True}),
    "attention mask": ({}, "qv", {"attention_mask": ATTENTION_MASK}),
    "one attention mask for the batch": ({}, "qv", {"attention_mask": HEAD_MASK[0, 0]}),
    "a mask per head": ({}, "qv", {"attention_mask": HEAD_MASK}),
    "padding": ({}, "qv", {"value_mask": VALUE_MASK}),
    "causal and padding": (
        {},
        "qvk",
        {
            "use_causal_mask": True,
            "value_mask": VALUE_MASK,
            "key_mask": VALUE_MASK,
            "attention_mask": ATTENTION_MASK,
        },
    ),
    "fully masked row": (
        {},
        "qv",
        {"attention_mask": np.arange(5)[:, None] != [2] * 6},
    ),
}


def skip_what_the_builtin_refuses(name):
    if name == "value_dim" and keras.backend.backend() == "jax":
        pytest.skip("Keras 3.15 on JAX: value_dim must equal key_dim without scores")


def to_numpy(tensor):
    return ops.convert_to_numpy(ops.cast(tensor, "float32"))


def data(which="qvk", seed=0):
    rng = np.random.default_rng(seed)
    return {
        name: rng.normal(size=shape).astype("float32")
        for name, shape in SHAPES.items()
        if name[0] in which
    }


def pair(inputs, **arguments):
    """Ours and the built-in, built, with the same random weights."""
    arguments = {"num_heads": 2, "key_dim": 4, **arguments}
    layers = (
        MultiHeadAttention(**arguments),
        keras.layers.MultiHeadAttention(**arguments),
    )
    for layer in layers:
        layer.build(**{f"{name}_shape": array.shape for name, array in inputs.items()})
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=w.shape) for w in layers[1].get_weights()]
    for layer in layers:
        layer.set_weights([0.5 * array for array in weights])
    return layers


@keras.saving.register_keras_serializable(package="whiteboard_tests")
class Model(keras.Model):
    def __init__(self, attention, call_arguments=None, **kwargs):
        super().__init__(**kwargs)
        self.attention = attention
        self.call_arguments = call_arguments or {}

    def build(self, shapes):
        if not self.attention.built:
            self.attention.build(**{f"{name}_shape": s for name, s in shapes.items()})

    def call(self, inputs):
        return self.attention(**inputs, **self.call_arguments)

    def get_config(self):
        layer = keras.saving.serialize_keras_object(self.attention)
        return {**super().get_config(), "attention": layer}

    @classmethod
    def from_config(cls, config):
        layer = keras.saving.deserialize_keras_object(config.pop("attention"))
        return cls(layer, **config)


@pytest.mark.parametrize("name", SETTINGS)
def test_forward_equals_the_builtin(name):
    skip_what_the_builtin_refuses(name)
    arguments, which, call_arguments = SETTINGS[name]
    inputs = data(which)
    ours, builtin = pair(inputs, **arguments)
    np.testing.assert_allclose(
        to_numpy(ours(**inputs, **call_arguments)),
        to_numpy(builtin(**inputs, **call_arguments)),
        atol=1e-5,
    )


@pytest.mark.parametrize("name", SETTINGS)
def test_gradient_equals_the_builtin(name):
    """Weights after one SGD step of learning rate 1: their change is the gradient."""
    skip_what_the_builtin_refuses(name)
    if name == "fully masked row" and keras.backend.backend() == "torch":
        pytest.skip("Keras on torch adds the mask, so a fully masked row has gradients")
    arguments, which, call_arguments = SETTINGS[name]
    inputs = data(which)
    target = np.random.default_rng(2).normal(size=SHAPES["query"])
    after = []
    for layer in pair(inputs, **arguments):
        model = Model(layer, call_arguments)
        model.compile(keras.optimizers.SGD(1.0), "mse", jit_compile=False)
        before = [weight.copy() for weight in layer.get_weights()]
        model.train_on_batch(inputs, target)
        after.append(layer.get_weights())
    for ours, expected in zip(*after, strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5)
    pairs = zip(before, after[0], strict=True)
    moved = [not np.allclose(old, new, atol=1e-3) for old, new in pairs]
    assert sum(moved) == len(moved) - arguments.get("use_bias", True)  # but key_bias


@pytest.mark.parametrize("is_causal", [False, True])
def test_padding_arrives_by_mask_propagation(is_causal):
    tokens = np.array([[1, 2, 3, 0, 0], [4, 5, 6, 7, 8], [9, 0, 0, 0, 0]])
    embedded = keras.layers.Embedding(10, 8, mask_zero=True)(tokens)
    ours, builtin = pair({"query": embedded, "value": embedded})
    output = ours(embedded, embedded, use_causal_mask=is_causal)
    np.testing.assert_array_equal(to_numpy(output._keras_mask), tokens != 0)
    masks = {"query_mask": tokens != 0, "value_mask": tokens != 0}
    unmasked = ops.convert_to_tensor(to_numpy(embedded))
    explicit = ours(unmasked, unmasked, use_causal_mask=is_causal, **masks)
    np.testing.assert_allclose(to_numpy(output), to_numpy(explicit), atol=1e-6)
    expected = builtin(embedded, embedded, use_causal_mask=is_causal)
    np.testing.assert_allclose(to_numpy(output), to_numpy(expected), atol=1e-5)


@pytest.mark.parametrize("name", ["plain", "causal", "attention mask", "value_dim"])
def test_returned_scores_equal_the_builtin(name):
    arguments, which, call_arguments = SETTINGS[name]
    inputs = data(which)
    results = [
        layer(**inputs, **call_arguments, return_attention_scores=True)
        for layer in pair(inputs, **arguments)
    ]
    assert results[0][1].shape == (3, 2, 5, 6)
    for ours, expected in zip(*results, strict=True):
        np.testing.assert_allclose(to_numpy(ours), to_numpy(expected), atol=1e-5)


def test_fully_masked_row_is_the_same_with_and_without_scores():
    """Keras 3.15 gives the mean value without scores and zeros with them."""
    inputs, mask = data("qv"), SETTINGS["fully masked row"][2]
    ours, _ = pair(inputs)
    output, scores = ours(**inputs, **mask, return_attention_scores=True)
    np.testing.assert_allclose(to_numpy(scores)[:, :, 2], 1 / 6, atol=1e-6)
    np.testing.assert_allclose(to_numpy(ours(**inputs, **mask)), to_numpy(output))


def test_scores_are_before_dropout():
    inputs = data("qv")
    ours, _ = pair(inputs, dropout=0.5)
    output, scores = ours(**inputs, return_attention_scores=True, training=True)
    np.testing.assert_allclose(to_numpy(scores).sum(axis=-1), 1, atol=1e-6)
    assert not np.allclose(to_numpy(output), to_numpy(ours(**inputs)), atol=1e-2)


def test_dropout_keeps_the_mean():
    inputs = data("qv")
    ours, _ = pair(inputs, dropout=0.5)
    keras.utils.set_random_seed(0)
    draws = [to_numpy(ours(**inputs, training=True)) for _ in range(400)]
    mean, error = np.mean(draws, axis=0), np.std(draws, axis=0) / np.sqrt(400)
    assert (np.abs(mean - to_numpy(ours(**inputs))) < 5 * error).all()


@pytest.mark.parametrize(
    ("policy", "tolerance"), [("mixed_float16", 1e-2), ("mixed_bfloat16", 8e-2)]
)
@pytest.mark.parametrize("name", ["plain", "causal and padding"])
def test_mixed_precision_equals_the_builtin(policy, tolerance, name):
    arguments, which, call_arguments = SETTINGS[name]
    inputs = data(which)
    outputs = []
    for layer in pair(inputs, **arguments, dtype=policy):
        outputs.append(layer(**inputs, **call_arguments))
        assert {keras.backend.standardize_dtype(w.dtype) for w in layer.weights} == {
            "float32"
        }
    ours, expected = outputs
    assert ours.dtype == expected.dtype
    np.testing.assert_allclose(to_numpy(ours), to_numpy(expected), atol=tolerance)


def test_reloads_inside_a_subclassed_model(tmp_path):
    inputs = data()
    model = Model(MultiHeadAttention(2, 4, value_dim=3, dropout=0.1))
    expected = to_numpy(model(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(to_numpy(loaded(inputs)), expected)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="torch stays eager")
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_trains_under_jit_compile(dropout):
    inputs = data("qv")
    model = Model(pair(inputs, dropout=dropout)[0], {"use_causal_mask": True})
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=True)
    target = np.zeros(SHAPES["query"])
    losses = model.fit(inputs, target, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.5 * losses[0]


def test_functional_model_with_unknown_lengths_and_scores():
    query, value = keras.Input((None, 8)), keras.Input((None, 7))
    layer = MultiHeadAttention(2, 4)
    symbolic = layer(query, value, return_attention_scores=True, use_causal_mask=True)
    assert [tuple(t.shape) for t in symbolic] == [
        (None, None, 8),
        (None, 2, None, None),
    ]
    model = keras.Model([query, value], symbolic)
    for query_length, value_length in [(5, 6), (3, 2)]:
        inputs = data("qv")
        inputs["query"] = inputs["query"][:, :query_length]
        inputs["value"] = inputs["value"][:, :value_length]
        predicted = model.predict(list(inputs.values()), verbose=0)
        expected = layer(**inputs, return_attention_scores=True, use_causal_mask=True)
        for actual, tensor in zip(predicted, expected, strict=True):
            np.testing.assert_allclose(actual, to_numpy(tensor), atol=1e-5)


def test_one_head_without_projections_is_scaled_dot_product_attention():
    layer = MultiHeadAttention(num_heads=1, key_dim=8, use_bias=False)
    inputs = data("q")["query"]
    layer.build(inputs.shape, inputs.shape)
    identity = np.eye(8)
    layer.set_weights([identity[:, None]] * 3 + [identity[None]])
    expected, _ = scaled_dot_product_attention(inputs, inputs, inputs)
    np.testing.assert_allclose(
        to_numpy(layer(inputs, inputs)), to_numpy(expected), atol=1e-6
    )


def test_config_holds_every_argument():
    layer = MultiHeadAttention(2, 4, 3, dropout=0.1, use_bias=False, name="attention")
    config = layer.get_config()
    assert (config["num_heads"], config["key_dim"], config["value_dim"]) == (2, 4, 3)
    assert (config["dropout"], config["use_bias"]) == (0.1, False)
    assert MultiHeadAttention.from_config(config).get_config() == config


@pytest.mark.parametrize(
    "arguments",
    [
        {"num_heads": 0},
        {"num_heads": -1},
        {"num_heads": 2.0},
        {"key_dim": 0},
        {"key_dim": -4},
        {"value_dim": 0},
        {"dropout": 1.0},
        {"dropout": -0.1},
    ],
)
def test_refuses_arguments_out_of_range(arguments):
    (name, value), *_ = arguments.items()
    with pytest.raises(ValueError, match=f"{name} must .* Received: {name}={value}"):
        MultiHeadAttention(**{"num_heads": 2, "key_dim": 4, **arguments})


@pytest.mark.parametrize(
    ("query", "value", "key", "message"),
    [
        ((5, 8), (5, 8), (5, 8), "query must have shape"),
        ((2, 3, 5, 8), (2, 3, 5, 8), (2, 3, 5, 8), "query must have shape"),
        ((2, 5, 8), (2, 5, 3, 8), (2, 5, 3, 8), "value must have shape"),
        ((2, 5, 8), (3, 5, 8), (3, 5, 8), "batch"),
        ((2, 5, 8), (2, 6, 8), (2, 7, 8), "length"),
    ],
)
def test_refuses_inputs_that_disagree(query, value, key, message):
    inputs = (np.ones(shape, dtype="float32") for shape in (query, value, key))
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(2, 4)(*inputs)


@pytest.mark.parametrize("shape", [(3, 6, 5), (6,) * 2, (2, 5, 6)])
def test_refuses_an_attention_mask_of_the_wrong_shape(shape):
    with pytest.raises(ValueError, match="mask must broadcast"):
        MultiHeadAttention(2, 4)(
            **data("qv"), attention_mask=np.ones(shape, dtype=bool)
        )


def test_refuses_an_additive_attention_mask():
    with pytest.raises(ValueError, match="boolean"):
        MultiHeadAttention(2, 4)(
            **data("qv"), attention_mask=np.zeros((5, 6), "float32")
        )
