import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from whiteboard.datasets import make_scans, make_textured_shapes
from whiteboard.scenarios import load_scan_model, scan_features, scan_models


def probabilities(name, images):
    return load_scan_model(name).predict(images, 200, verbose=0)


def test_the_backbone_knows_its_shapes():
    images, labels = make_textured_shapes(400, seed=1234)
    assert (probabilities("shapes", images).argmax(axis=1) == labels).mean() > 0.85


@pytest.mark.parametrize("name", ["lesions", "lesions_transformer"])
def test_the_classifiers_find_lesions(name):
    scans = make_scans(100, prevalence=0.4, seed=1234)
    found = probabilities(name, scans.images)[:, 1]
    assert roc_auc_score(scans.labels, found) > 0.8


def test_the_marker_model_reads_markers():
    images = make_scans(50, prevalence=0, seed=1234).images
    marked = make_scans(50, prevalence=0, marker_rates=(1, 1), seed=1234).images
    rise = (
        probabilities("markers", marked)[:, 1] - probabilities("markers", images)[:, 1]
    )
    assert rise.mean() > 0.4


def test_the_files_are_small():
    for name in scan_models.TRAINED:
        size = (scan_models.WEIGHTS / f"scan_{name}.weights.h5").stat().st_size
        assert size < 300_000


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="name must be one of .*'shapes'.*'tumors'"):
        load_scan_model("tumors")


def test_the_transformer_and_the_convnet_take_the_same_scans():
    images = np.zeros((2, 24, 24, 1), "float32")
    assert scan_models.scan_convnet()(images).shape == (2, 2)
    assert scan_models.scan_transformer()(images).shape == (2, 2)


def test_features_are_what_the_last_layer_reads():
    images, _ = make_textured_shapes(20, seed=1234)
    kernel, bias = load_scan_model("shapes").layers[-1].get_weights()
    logits = scan_features(images) @ kernel + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities("shapes", images), expected, atol=1e-5)
