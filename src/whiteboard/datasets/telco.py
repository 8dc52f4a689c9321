"""IBM's Telco customers: the public table most churn tutorials use."""

import csv
from pathlib import Path

import keras
import numpy as np

TELCO_URL = (
    "https://raw.githubusercontent.com/IBM/telco-customer-churn-on-icp4d/master/data/"
    "Telco-Customer-Churn.csv"
)
NUMBERS = ("SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges")


def load_telco(path=None):
    """Load the Telco table: 7,043 invented customers of a telephone company, 1 row each.

    IBM's sample data. One snapshot without dates: `tenure` in months, and whether the
    customer left within the last month. So it has no cut-off to split by, and charges
    and tenure may reach up to the leaving itself. An empty TotalCharges, of customers
    with tenure 0, is read as 0.

    Args:
        path: Where the CSV file lies; without it, Keras downloads it to its cache once.

    Returns:
        `(x, y, names)`: float32 `(N, D)`, the numbers and one column for each other
        answer; int32 `(N,)`, 1 if the customer left; the D names.

    Raises:
        ConnectionError: If there is no path and the file cannot be downloaded.
        FileNotFoundError: If there is nothing at `path`.
        ValueError: If the file is not the Telco table.

    Examples:
        >>> x, y, names = load_telco("Telco-Customer-Churn.csv")  # doctest: +SKIP
    """
    path = Path(_download() if path is None else path)
    if not path.is_file():
        raise FileNotFoundError(
            f"path must be the Telco CSV file, from {TELCO_URL}. Received: path={path}"
        )
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    missing = {"customerID", "Churn", *NUMBERS} - set(rows[0] if rows else ())
    if missing:
        raise ValueError(
            f"{path} must have rows and the columns of the Telco table. "
            f"Missing: {', '.join(sorted(missing))}"
        )
    columns = {
        name: [float(row[name].strip() or 0) for row in rows] for name in NUMBERS
    }
    for name in rows[0]:
        if name not in ("customerID", "Churn", *NUMBERS):
            for answer in sorted({row[name] for row in rows}):
                columns[f"{name}={answer}"] = [row[name] == answer for row in rows]
    x = np.array(list(columns.values()), dtype="float32").T
    y = np.array([row["Churn"] == "Yes" for row in rows], dtype="int32")
    return x, y, list(columns)


def _download():
    name = "Telco-Customer-Churn.csv"
    try:
        return keras.utils.get_file(name, TELCO_URL)
    except Exception as error:
        # A failed download is a bare Exception, or an OSError of the connection.
        if type(error) is not Exception and not isinstance(error, OSError):
            raise
        raise ConnectionError(
            f"The Telco table could not be downloaded from {TELCO_URL}: {error}. "
            f"Download it elsewhere and call load_telco(path={name!r})."
        ) from error
