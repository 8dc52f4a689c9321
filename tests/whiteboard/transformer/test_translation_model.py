import keras
import numpy as np
import pytest
from keras import ops

from whiteboard.fundamentals import value_and_gradients
from whiteboard.transformer import TranslationModel

SOURCE = np.array([[1, 5, 7, 2, 0, 0], [1, 4, 3, 6, 8, 2]], "int32")
TARGET = np.array([[1, 3, 4, 2], [1, 5, 3, 6]], "int32")
SIZES = {
    "source_vocabulary": 9,
    "target_vocabulary": 8,
    "width": 16,
    "num_layers": 2,
    "num_heads": 2,
    "max_length": 7,
}


def to_numpy(x):
    return ops.convert_to_numpy(x)


@pytest.fixture
def model():
    keras.utils.set_random_seed(3)
    model = TranslationModel(**SIZES)
    model((SOURCE, TARGET))
    return model


def test_agrees_with_a_model_of_keras_hub_layers(keras_hub, model):
    hub = keras_hub.layers
    block = {"intermediate_dim": 64, "num_heads": 2, "layer_norm_epsilon": 1e-6}
    block["normalize_first"] = True
    source, target = keras.Input((6,), dtype="int32"), keras.Input((4,), dtype="int32")
    tables = [keras.layers.ReversibleEmbedding(size, 16) for size in (9, 8)]
    x, y = (
        table(ids) * 4 + hub.SinePositionEncoding()(table(ids))
        for table, ids in zip(tables, (source, target), strict=True)
    )
    mask = keras.ops.not_equal(source, 0)
    encoder = [hub.TransformerEncoder(**block) for _ in range(2)]
    decoder = [hub.TransformerDecoder(**block) for _ in range(2)]
    norms = [keras.layers.LayerNormalization(epsilon=1e-6) for _ in range(2)]
    for layer in encoder:
        x = layer(x, padding_mask=mask)
    x = norms[0](x)
    for layer in decoder:
        y = layer(y, x, encoder_padding_mask=mask)
    theirs = keras.Model([source, target], tables[1](norms[1](y), reverse=True))
    parts = [
        model.source_embedding,
        model.target_embedding,
        *model.encoder,
        *model.decoder,
        model.encoder_norm,
        model.decoder_norm,
    ]
    others = [*tables, *encoder, *decoder, *norms]
    for own, other in zip(parts, others, strict=True):
        other.set_weights(own.get_weights())
    np.testing.assert_allclose(
        to_numpy(model((SOURCE, TARGET))), to_numpy(theirs((SOURCE, TARGET))), atol=1e-5
    )


def test_steps_with_a_cache_give_the_logits_of_the_whole_call(model):
    expected = to_numpy(model((SOURCE, TARGET)))
    decoder = model.conditioned_on(SOURCE)
    cache = decoder.empty_cache(2, 7)
    for t in range(TARGET.shape[1]):
        logits, cache = decoder.step(TARGET[:, t : t + 1], cache, t)
        np.testing.assert_allclose(to_numpy(logits)[:, 0], expected[:, t], atol=1e-5)


def test_padding_of_the_source_changes_nothing(model):
    alone = to_numpy(model((SOURCE[:1, :4], TARGET[:1])))
    np.testing.assert_allclose(to_numpy(model((SOURCE, TARGET)))[:1], alone, atol=1e-5)


def test_a_target_token_reads_all_of_the_source_and_only_its_past(model):
    def output_at_1(source, target):
        x = source
        for block in model.encoder:
            x = block(x)
        y = target
        for block in model.decoder:
            y = block(y, x)
        return ops.sum(y[:, 1] ** 3)

    rng = np.random.default_rng(0)
    vectors = [rng.normal(size=(1, n, 16)).astype("float32") for n in (6, 4)]
    _, (source, target) = value_and_gradients(output_at_1, *vectors)
    assert np.abs(source).max(axis=(0, 2)).min() > 0
    assert np.abs(target[:, 2:]).max() == 0 < np.abs(target[:, :2]).min()


def test_greedy_decoding_reads_what_it_wrote(model):
    written = model.greedy_decode(SOURCE, start=1, end=2, max_length=5)
    assert written.shape == (2, 5)
    read = np.concatenate([np.ones((2, 1), "int32"), written[:, :-1]], axis=1)
    best = to_numpy(ops.argmax(model((SOURCE, read)), axis=-1))
    before_the_end = np.cumsum(written == 2, axis=1) - (written == 2) == 0
    np.testing.assert_array_equal(written[before_the_end], best[before_the_end])


def test_greedy_decoding_pads_after_the_end(model):
    first = model.greedy_decode(SOURCE, start=1, end=-1, max_length=5)
    end = first[0, 1]
    written = model.greedy_decode(SOURCE, start=1, end=end, max_length=5)
    for row, free in zip(written, first, strict=True):
        ends = np.flatnonzero(free == end)
        stop = ends[0] + 1 if len(ends) else 5
        np.testing.assert_array_equal(row[:stop], free[:stop])
        assert (row[stop:] == 0).all()


def test_survives_saving(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        to_numpy(loaded((SOURCE, TARGET))), to_numpy(model((SOURCE, TARGET))), atol=1e-6
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *[
            ({name: 0}, f"{name} must be positive. Received: {name}=0")
            for name in SIZES
        ],
        ({"num_heads": 3}, "num_heads must divide the width"),
        ({"dropout": -0.1}, "rate"),
        ({"max_length": 5}, "Received: length=6, max_length=5"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        TranslationModel(**{**SIZES, **arguments})((SOURCE, TARGET))


def test_writing_more_than_max_length_is_refused(model):
    with pytest.raises(ValueError, match="max_length"):
        model.greedy_decode(SOURCE, start=1, end=-1, max_length=8)
    with pytest.raises(ValueError, match="must be positive. Received: .*=0"):
        model.greedy_decode(SOURCE, start=1, end=2, max_length=0)
