import urllib.error

import keras
import numpy as np
import pytest

from whiteboard.datasets import load_telco

TABLE = """\
customerID,gender,SeniorCitizen,tenure,Contract,MonthlyCharges,TotalCharges,Churn
0001-A,Female,0,1,Month-to-month,29.85,29.85,No
0002-B,Male,1,34,One year,56.95,1889.5,No
0003-C,Male,0,0,Two year,20.25, ,Yes
"""


def test_numbers_and_answers_become_columns(tmp_path):
    path = tmp_path / "telco.csv"
    path.write_text(TABLE)
    x, y, names = load_telco(path)
    assert names == [
        *("SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"),
        *("gender=Female", "gender=Male", "Contract=Month-to-month"),
        *("Contract=One year", "Contract=Two year"),
    ]
    assert x.dtype == np.float32 and y.dtype == np.int32
    np.testing.assert_allclose(x[1], [1, 34, 56.95, 1889.5, 0, 1, 0, 1, 0])
    assert x[2, 3] == 0, "an empty TotalCharges is 0"
    assert list(y) == [0, 0, 1]


def test_a_path_with_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="path must be the Telco CSV file"):
        load_telco(tmp_path / "nothing.csv")


@pytest.mark.parametrize("text", ["", "customerID,tenure\n1,2\n", "{}"])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "other.csv"
    path.write_text(text)
    with pytest.raises(
        ValueError, match="columns of the Telco table. Missing: .*Churn"
    ):
        load_telco(path)


@pytest.mark.parametrize(
    "failure",
    [
        urllib.error.URLError("Name or service not known"),
        Exception("URL fetch failure on https://x: None -- not found"),
        TimeoutError("timed out"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_without_network_says_what_to_do(monkeypatch, failure):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr(keras.utils, "get_file", fail)
    with pytest.raises(ConnectionError, match=r"https://raw\S+csv.*load_telco\(path="):
        load_telco()


def test_other_errors_are_not_called_a_lost_connection(monkeypatch):
    def broken(*_, **__):
        raise ValueError("broken")

    monkeypatch.setattr(keras.utils, "get_file", broken)
    with pytest.raises(ValueError, match="broken"):
        load_telco()


def test_the_downloaded_file_is_read(monkeypatch, tmp_path):
    path = tmp_path / "telco.csv"
    path.write_text(TABLE)
    monkeypatch.setattr(keras.utils, "get_file", lambda name, url: str(path))
    assert load_telco()[0].shape == (3, 9)
