import pytest


@pytest.fixture
def keras_hub():
    reason = "KerasHub needs TensorFlow Text, locked for the TensorFlow backend only"
    return pytest.importorskip("keras_hub", reason=reason)
