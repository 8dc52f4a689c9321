"""What a forest and the boosting libraries cost, in turn, in one run on one machine.

    python benchmarks/ensembles.py [fit] [cpu] [memory]

Each model has 100 trees and the defaults of its library, on all cores. A time is the least of its repeats; trust the
ratios. Another process on the machine spoils even those.
"""

import os
import pickle
import platform
import resource
import subprocess
import sys
import time
from importlib.metadata import version

import numpy as np
from lightgbm import LGBMClassifier
from sklearn.datasets import make_classification
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from xgboost import XGBClassifier

CORES = os.cpu_count()
MODELS = {
    "forest": lambda: RandomForestClassifier(100, n_jobs=CORES),
    "exact boosting": lambda: GradientBoostingClassifier(n_estimators=100),
    "HistGB": lambda: HistGradientBoostingClassifier(
        max_iter=100, early_stopping=False
    ),
    "XGBoost": lambda: XGBClassifier(n_estimators=100, n_jobs=CORES),
    "XGBoost exact": lambda: XGBClassifier(
        n_estimators=100, n_jobs=CORES, tree_method="exact"
    ),
    "XGBoost 31 leaves": lambda: XGBClassifier(
        n_estimators=100,
        n_jobs=CORES,
        grow_policy="lossguide",
        max_leaves=31,
        max_depth=0,
        learning_rate=0.1,
        reg_lambda=0,
        max_bin=255,
    ),
    "LightGBM": lambda: LGBMClassifier(n_estimators=100, n_jobs=CORES, verbose=-1),
}
SLOW = {"exact boosting": 300_000}  # the most cells (rows times columns) it is given
# Rows, columns, repeats.
TABLES = [(1_000, 30, 3), (10_000, 30, 2), (50_000, 30, 2), (10_000, 200, 2)]
MEMORY_TABLE = (400_000, 30)


def make_table(rows: int, columns: int):
    """`rows` to learn from and 10,000 to test on."""
    x, y = make_classification(
        rows + 10_000,
        columns,
        n_informative=15,
        n_redundant=5,
        n_clusters_per_class=4,
        random_state=7,
    )
    x = x.astype(np.float32)
    return (x[:rows], y[:rows]), (x[rows:], y[rows:])


def fit_seconds(model, x, y) -> float:
    started = time.perf_counter()
    model.fit(x, y)
    return time.perf_counter() - started


def compare_fits():
    for rows, columns, repeats in TABLES:
        train, test = make_table(rows, columns)
        print(f"\n{rows:,} rows, {columns} columns, least of {repeats}")
        print(f"{'':18} fit s  forest/it  LightGBM/it  accuracy  pickle MB")
        names = [name for name in MODELS if rows * columns <= SLOW.get(name, np.inf)]
        models = {name: MODELS[name]() for name in names}
        # Round by round, so that a slow minute of the machine meets every model.
        rounds = [
            {name: fit_seconds(model, *train) for name, model in models.items()}
            for _ in range(repeats)
        ]
        best = {name: min(times[name] for times in rounds) for name in names}
        for name, model in models.items():
            print(
                f"{name:18} {best[name]:5.2f}  {best['forest'] / best[name]:9.1f}  "
                f"{best['LightGBM'] / best[name]:11.2f}  {model.score(*test):8.3f}  "
                f"{len(pickle.dumps(model)) / 1e6:9.2f}"
            )


def compare_cpu():
    """CPU seconds of one thread, which a busy machine spoils less than wall time."""
    for rows, columns, repeats in TABLES[:3]:
        train, _ = make_table(rows, columns)
        models = {
            n: make() for n, make in MODELS.items() if "XGB" in n or "LightGBM" in n
        }
        seconds = {name: [] for name in models}
        for _ in range(repeats):
            for name, model in models.items():
                started = time.process_time()
                model.set_params(n_jobs=1).fit(*train)
                seconds[name].append(time.process_time() - started)
        print(f"\n{rows:,} rows, {columns} columns, one thread, least of {repeats}")
        for name, spent in seconds.items():
            ratio = min(spent) / min(seconds["LightGBM"])
            print(f"{name:18} {min(spent):6.2f} CPU s, {ratio:5.2f} of LightGBM")


def peak_megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if platform.system() == "Darwin" else 1e3)


def measure_memory(name: str):
    """In a process of its own: how much fitting adds to the peak."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal(MEMORY_TABLE, dtype=np.float32)  # no larger copy before
    y = x[:, 0] * x[:, 1] + x[:, 2] > 0
    model = MODELS[name]()
    model.set_params(**{key: 5 for key in model.get_params() if key in TREES})
    model.fit(x[:1000], y[:1000])  # the library is loaded, its threads are started
    before = peak_megabytes()
    model.fit(x, y)
    print(f"{peak_megabytes() - before:.0f}")


TREES = ("n_estimators", "max_iter")


def compare_memory():
    rows, columns = MEMORY_TABLE
    print(f"\nPeak memory that 5 trees add, {rows:,} rows, {columns} columns")
    print(f"the table itself  {rows * columns * 4 / 1e6:6.0f} MB")
    for name in MODELS:
        if name not in SLOW:
            command = [sys.executable, __file__, "measure", name]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            print(f"{name:18}{int(done.stdout):6} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure_memory(sys.argv[2])
        sys.exit()
    wanted = sys.argv[1:] or ["fit", "cpu", "memory"]
    libraries = ["scikit-learn", "xgboost-cpu", "lightgbm", "numpy"]
    names = ", ".join(f"{library} {version(library)}" for library in libraries)
    print(f"{CORES} cores, Python {platform.python_version()}, {names}")
    started = time.perf_counter()
    if "fit" in wanted:
        compare_fits()
    if "cpu" in wanted:
        compare_cpu()
    if "memory" in wanted:
        compare_memory()
    print(f"\n{time.perf_counter() - started:.0f} s in all")
