# %% [markdown]
# # Gradient boosting from scratch, beside XGBoost and LightGBM
#
# How much of XGBoost and LightGBM is gradient boosting, and how much is engineering? This lab
# boosts with a loop of a few lines, trains both libraries on the same rows with the same
# settings, and looks for the difference: tree by tree, by rounds, by learning rate, and by
# the order in which leaves are split.
#
# What an interviewer asks about the three is on their pages:
# [gradient boosting](../ensembles/gradient-boosting.md), [XGBoost](../ensembles/xgboost.md),
# [LightGBM](../ensembles/lightgbm.md) and
# [the two compared](../ensembles/xgboost-vs-lightgbm.md).

# %%
import time

import keras
import lightgbm as lgb
import matplotlib.pyplot as plt
import numpy as np
import xgboost as xgb
from sklearn.datasets import make_friedman1

from whiteboard.ensembles import (
    HistogramBoostingRegressor,
    HistogramTree,
    QuantileBinner,
)


def make_tables(seed):
    """1,000 rows to train on, 500 to stop on, 3,000 to test on."""
    x, y = make_friedman1(4500, noise=1, random_state=seed)
    return [(x[:1000], y[:1000]), (x[1000:1500], y[1000:1500]), (x[1500:], y[1500:])]


tables = train, valid, test = make_tables(7)
print(f"{train[0].shape[1]} columns, variance of the target {train[1].var():.1f}")

# %% [markdown]
# The table is Friedman's first function: ten columns, of which five matter, and noise of
# variance 1. So the floor is known: no model can expect a test error below 1.
#
# $$
# y = 10 \sin(\pi x_1 x_2) + 20 (x_3 - 0.5)^2 + 10 x_4 + 5 x_5 + \varepsilon
# $$
#
# ## The loop
#
# For squared error the gradient is the prediction minus the target, and the Hessian is 1. Each
# round fits one tree to the gradients and adds a fraction of it. The tree is the one on
# [LightGBM's page](../ensembles/lightgbm.md): columns cut into bins, gradients summed by bin.
# The loop keeps the predictions for every table after every round.


# %%
def boost(x, y, others, rounds, rate=0.1, max_bins=255, **tree):
    """Predictions after each round, `(rounds, rows)`, for each of the `others`."""
    binner = QuantileBinner(max_bins)
    codes, other_codes = binner.fit_transform(x), [binner.transform(o) for o in others]
    prediction = np.full(len(x), y.mean())
    stages = [[np.full(len(other), y.mean())] for other in others]
    for _ in range(rounds):
        grown = HistogramTree(**tree).fit(codes, gradients=prediction - y)
        prediction += rate * grown.predict(codes)
        for stage, other in zip(stages, other_codes, strict=True):
            stage.append(stage[-1] + rate * grown.predict(other))
    return [np.array(stage[1:]) for stage in stages]


[loop] = boost(*train, [test[0]], rounds=10)
ours = HistogramBoostingRegressor(n_estimators=10).fit(*train)
gap = np.abs(loop[-1] - ours.predict(test[0])).max()
print(f"the loop against the package's estimator: {gap:.0e}")
assert gap < 1e-9

# %% [markdown]
# ## The same trees
#
# A difference between the libraries has to come from settings, from bins or from arithmetic.
# So take the first two away: a bin for every value, no penalty, leaves of one row, sixteen
# leaves, the leaf with the largest gain first. Compare after 20 rounds.

# %%
alike = {"learning_rate": 0.1, "max_bin": 2000, "reg_lambda": 0, "nthread": 1}
of_xgboost = {"grow_policy": "lossguide", "max_leaves": 16, "max_depth": 0}
of_lightgbm = {"num_leaves": 16, "min_data_in_leaf": 1, "verbose": -1}
only_here = {"objective": "l2", "min_data_in_bin": 1}

settings = alike | of_lightgbm | only_here
light = lgb.train(settings, lgb.Dataset(*train, params=settings), 20)
level = xgb.train(alike | of_xgboost, xgb.DMatrix(*train), 20)
theirs = {
    "XGBoost": [level.predict(xgb.DMatrix(table)) for table, _ in (train, test)],
    "LightGBM": [light.predict(table) for table, _ in (train, test)],
}
exact = {"max_bins": 2000, "num_leaves": 16, "min_samples_leaf": 1}
ours = boost(*train, [train[0], test[0]], 20, **exact)
gap, share = {}, {}
for name, predicted in theirs.items():
    off = [np.abs(a[-1] - b) for a, b in zip(ours, predicted, strict=True)]
    gap[name], share[name] = off[0].max(), np.mean(off[1] > 0.001)
    print(
        f"{name:8} training rows differ from ours by at most {gap[name]:.0e}, ", end=""
    )
    print(f"{share[name]:.0%} of the test rows by more than 0.001")
assert max(gap.values()) < 1e-3
assert 0.05 < share["LightGBM"] < 0.5 and share["XGBoost"] < share["LightGBM"]

# %% [markdown]
# On the training rows the three are one model, to rounding. (XGBoost keeps columns, gradients and
# predictions in 32 bits. After some more rounds two splits of nearly the same gain can come out
# in another order, and from there on its trees are others.)
#
# Yet on new rows LightGBM and the loop differ in a good part of the rows. Why, if the trees
# are the same? A node holds some of the rows only. Between two neighbours among *them* lie
# the bin edges of all the others, and each of these edges splits the node alike. They tie. The
# loop takes the first edge and LightGBM the last. A new row that falls in between goes one way
# here and the other way there. If that is all, the loop on mirrored columns must agree with
# LightGBM everywhere: with the sign of each column turned, the first edge is the last.

# %%
[mirrored] = boost(-train[0], train[1], [-test[0]], 20, **exact)
turned = np.abs(mirrored[-1] - theirs["LightGBM"][1])
print(f"mirrored loop against LightGBM on test rows: at most {turned.max():.0e}")
assert turned.max() < 1e-4

errors = [np.mean((p - test[1]) ** 2) for p in (ours[1][-1], mirrored[-1])]
print(f"test error {errors[0]:.2f} with the first edge, {errors[1]:.2f} with the last")
assert abs(errors[0] / errors[1] - 1) < 0.05

# %% [markdown]
# It does, on every test row. Neither edge is better here. XGBoost takes the first one as the loop
# does, but cuts at a value of the data where the others cut halfway between two, so few rows
# differ.
#
# ## Test error by rounds
#
# From here on each has its own 255 or 256 bins, and leaves keep at least 20 rows. For squared
# error XGBoost's `min_child_weight` counts rows.


# %%
def curves_of_xgboost(tables, rounds, rate=0.1, **settings):
    """Squared error after each round, for each table; trains on the first."""
    settings = alike | of_xgboost | {"max_bin": 256, "learning_rate": rate} | settings
    data, record = [xgb.DMatrix(*table) for table in tables], {}
    watch = {"evals": [(d, str(n)) for n, d in enumerate(data)], "verbose_eval": False}
    xgb.train(settings, data[0], rounds, evals_result=record, **watch)
    return [np.square(record[name]["rmse"]) for name in record]


def curves_of_lightgbm(tables, rounds, rate=0.1, **settings):
    settings = of_lightgbm | {"objective": "l2", "num_threads": 1} | settings
    settings |= {"learning_rate": rate}
    data = lgb.Dataset(*tables[0])
    data = [data, *(lgb.Dataset(*table, reference=data) for table in tables[1:])]
    record, names = {}, [str(n) for n in range(len(tables))]
    watch = {"valid_names": names, "callbacks": [lgb.record_evaluation(record)]}
    lgb.train(settings, data[0], rounds, valid_sets=data, **watch)
    return [np.array(record[name]["l2"]) for name in names]


def curves_of_loop(tables, rounds, rate=0.1, **tree):
    stages = boost(*tables[0], [x for x, _ in tables], rounds, rate, **tree)
    pairs = zip(stages, tables, strict=True)
    return [np.mean((stage - y) ** 2, axis=1) for stage, (_, y) in pairs]


# %%
ROUNDS = 300
loop_settings = {"num_leaves": 16, "min_samples_leaf": 20}
contenders = {
    "the loop": lambda: curves_of_loop(tables, ROUNDS, **loop_settings),
    "XGBoost": lambda: curves_of_xgboost(tables, ROUNDS, min_child_weight=20),
    "LightGBM": lambda: curves_of_lightgbm(tables, ROUNDS, min_data_in_leaf=20),
}
curves, seconds = {}, {}
progress = keras.utils.Progbar(len(contenders), unit_name="model")
for number, (name, run) in enumerate(contenders.items(), start=1):
    started = time.process_time()
    curves[name] = run()
    seconds[name] = time.process_time() - started
    progress.update(number)

# %%
figure, axes = plt.subplots(figsize=(6.4, 2.8))
shown = range(1, ROUNDS + 1)
for name, (on_train, _, on_test) in curves.items():
    [line] = axes.semilogy(shown, on_test, label=f"{name}, test")
    axes.semilogy(shown, on_train, ":", color=line.get_color())
    print(f"{name:8} after 300 rounds: ", end="")
    print(
        f"training {on_train[-1]:.2f}, test {on_test[-1]:.2f}, best {on_test.min():.2f}"
    )
axes.axhline(1, linestyle="--", linewidth=1, label="the noise")
axes.set(xlabel="round", ylabel="squared error")
axes.legend(title="dotted: training", loc="upper right")
figure.set_label(
    "Error by rounds on a log scale: the three test curves lie on each other and level "
    "off near 2; the training curves fall through the noise floor of 1 towards 0."
)
on_test = np.array([curve[2] for curve in curves.values()])
spread = (on_test.max(axis=0) / on_test.min(axis=0)).max()
print(f"the largest ratio between two of the test curves, at any round: {spread:.3f}")
assert spread < 1.2

# %% [markdown]
# The three stay within a few percent of each other, and with other draws of the data another
# one is ahead. Their bins have other edges, so the trees differ, and the error hardly.
#
# Look at the dotted lines, too. The training error passes the noise before the hundredth round
# and goes on to a fraction of it: the model learns the noise of its rows by heart. The test
# error takes hardly any harm. A training error below the noise is no reason to stop.

# %%
for on_train, _, on_test in curves.values():
    assert on_train[-1] < 0.2 and np.argmax(on_train < 1) < 100
    assert on_test[-1] < 1.05 * on_test.min() and on_test.min() > 1.3

# %% [markdown]
# ## Early stopping
#
# Stop when the validation error has not fallen for 20 rounds, keep the best round. That is the
# whole of it; the libraries do the same.


# %%
def best_round(errors, patience=20):
    """The last round that was the best so far, before `patience` rounds without one."""
    best = 0
    for number, error in enumerate(errors):
        if error < errors[best]:
            best = number
        elif number - best >= patience:
            break
    return best


kept = {}
for name, (_, on_valid, on_test) in curves.items():
    stop = best_round(on_valid)
    kept[name] = on_test[stop]
    print(f"{name:8} keeps {stop + 1:3} rounds: test {kept[name]:.2f}", end=", ")
    print(f"the best of all rounds {on_test.min():.2f}")
    assert kept[name] < 1.06 * on_test.min()
assert max(kept.values()) < 1.15 * min(kept.values())

# %%
settings = alike | of_xgboost | {"max_bin": 256, "min_child_weight": 20}
watch = {"evals": [(xgb.DMatrix(*valid), "valid")], "verbose_eval": False}
watch["early_stopping_rounds"] = 20
stopped = xgb.train(settings, xgb.DMatrix(*train), ROUNDS, **watch)
print(f"XGBoost's own early stopping keeps {stopped.best_iteration + 1}")
assert stopped.best_iteration == best_round(curves["XGBoost"][1])

# %% [markdown]
# The rounds that they keep differ by dozens, their errors by a few percent. Where a curve is
# flat, its lowest point is a matter of chance. So the number of rounds is not worth tuning by
# hand, and at a small rate stopping saves time more than it saves error.
#
# ## Learning rate against rounds
#
# LightGBM, sixteen leaves, four rates. Rounds and rate trade off, so the smaller the rate, the
# more rounds it gets.

# %%
rates = {1.0: 60, 0.3: 200, 0.1: 600, 0.03: 2000}
by_rate = {}
progress = keras.utils.Progbar(len(rates), unit_name="rate")
for number, (rate, rounds) in enumerate(rates.items(), start=1):
    by_rate[rate] = curves_of_lightgbm(tables, rounds, rate, min_data_in_leaf=20)
    progress.update(number)

figure, axes = plt.subplots(figsize=(6.4, 2.8))
best, needed = {}, {}
for rate, (_, on_valid, on_test) in by_rate.items():
    axes.loglog(range(1, rates[rate] + 1), on_test, label=f"rate {rate}")
    best[rate] = on_test[np.argmin(on_valid)]
    needed[rate] = int(np.argmax(on_test < 3)) + 1 if on_test.min() < 3 else None
    print(
        f"rate {rate:4}: test {best[rate]:.2f} at the best validation round, ", end=""
    )
    print(f"below 3 from round {needed[rate]}")
axes.axhline(1, linestyle="--", linewidth=1)
axes.set(xlabel="round", ylabel="test error"), axes.legend()
figure.set_label(
    "Test error by rounds, both on log scales: curves of the same shape, shifted right "
    "as the rate falls; that of rate 1 turns up early and far above the others."
)

# %% [markdown]
# A rate of 1 adds each tree in full, with the noise that it fitted, and its error never gets
# below 3. From there on a third of the rate takes about three times the rounds to come as
# far. From 0.3 to 0.1 that pays, from 0.1 to 0.03 it hardly does. After 100 rounds the smallest
# rate is *worse* than 0.1: it has not arrived.

# %%
assert best[1.0] > 1.5 * best[0.3] and best[0.3] > 1.07 * best[0.1]
assert abs(best[0.03] / best[0.1] - 1) < 0.12
assert by_rate[0.03][2][99] > 1.3 * by_rate[0.1][2][99]
assert needed[1.0] is None and 2.3 < needed[0.1] / needed[0.3] < 4
assert 2.7 < needed[0.03] / needed[0.1] < 4

# %% [markdown]
# ## Leaf by leaf or level by level
#
# LightGBM splits the leaf with the largest gain next, XGBoost by default the oldest of the level
# nearest to the root. XGBoost can do both, so only the order differs here: leaves of one row, 200
# rounds, four draws of the data.

# %%
draws = np.random.default_rng(7).integers(10_000, size=4).tolist()
leaves, ratio = (4, 8, 16, 32, 64), []
progress = keras.utils.Progbar(len(draws), unit_name="draw")
for number, draw in enumerate(draws, start=1):
    drawn, row = make_tables(draw), []
    for count in leaves:
        grown = [
            curves_of_xgboost(drawn[::2], 200, grow_policy=policy, max_leaves=count)
            for policy in ("lossguide", "depthwise")
        ]
        row.append([leaf[-1] / level[-1] for leaf, level in zip(*grown, strict=True)])
    ratio.append(row)
    progress.update(number)

# %%
ratio = np.array(ratio)  # draws, leaves, training and test
figure, axes = plt.subplots(figsize=(6.4, 2.8))
for column, name in enumerate(("training error", "test error")):
    values = ratio[:, :, column]
    axes.plot(leaves, values.mean(axis=0), marker="o", label=name)
    axes.fill_between(leaves, values.min(axis=0), values.max(axis=0), alpha=0.2)
    print(f"{name:14}", *(f"{mean:5.2f}" for mean in values.mean(axis=0)))
axes.axhline(1, linestyle="--", linewidth=1), axes.set_xscale("log", base=2)
(
    axes.set(xlabel="leaves", ylabel="leaf-wise / level-wise", ylim=(0, None)),
    axes.legend(),
)
figure.set_label(
    "Leaf-wise error over level-wise error by number of leaves, mean and range of four "
    "draws: in training below 1 throughout, on test rows below 1 at 4 leaves and above "
    "1 at 64."
)

# %% [markdown]
# With the same number of leaves, leaf-wise growth has the lower *training* error at every size.
# On new rows, after 200 rounds, it depends. With few leaves it puts them where they pay, and
# wins. With 64 leaves on 1,000 rows it puts them on the noise, and loses. "Leaf-wise is more
# accurate" and "leaf-wise overfits" are both true, at different sizes.

# %%
mean = ratio.mean(axis=0)
assert (mean[:, 0] < 0.95).all()
assert mean[0, 1] < 0.97 and mean[-1, 1] > 1.02

# %% [markdown]
# A least number of rows in a leaf can take the difference away. With 20 of them no tree on 1,000
# rows has more than 50 leaves. Both orders split whatever can be split, and end at the same
# tree.

# %%
strict = [
    curves_of_xgboost(
        tables[::2], 20, grow_policy=policy, max_leaves=64, min_child_weight=20
    )
    for policy in ("lossguide", "depthwise")
]
gap = np.abs(np.subtract(*strict)).max()
print(f"64 leaves of at least 20 rows: the curves differ by {gap:.0e}")
assert gap < 1e-3

# %% [markdown]
# ## What is left: engineering
#
# Set alike, the loop and the libraries find the same trees. What they do not share is the price,
# and what they can take in. The next cell prints seconds as ratios; they belong to the machine
# that ran this, and to small tables.

# %%
for name, spent in seconds.items():
    print(f"{name:8} {spent / seconds['LightGBM']:5.1f} times LightGBM's CPU time")

holes = train[0].copy()
holes[::3, 3] = np.nan
settings = of_lightgbm | {"objective": "l2", "num_threads": 1}
for name, fit in {
    "XGBoost": lambda: xgb.train(alike, xgb.DMatrix(holes, train[1]), 5),
    "LightGBM": lambda: lgb.train(settings, lgb.Dataset(holes, train[1]), 5),
    "the loop": lambda: boost(holes, train[1], [], 5),
}.items():
    try:
        fit()
        accepts = True
    except ValueError:
        accepts = False
    print(f"{name:8} takes missing values: {accepts}")
    assert accepts == (name != "the loop")

# %% [markdown]
# The package's loop has no missing values, no categories, no penalties, no sampling, no
# bundling of sparse columns, no threads and one loss. Some of these are separate parts of the
# package with their own runs: the [default direction](../ensembles/xgboost.md#ens-24) and the
# penalties of XGBoost's exact trees, [GOSS](../ensembles/lightgbm.md#ens-29) and
# [bundling](../ensembles/lightgbm.md#ens-30). None of them is needed for the curves above.
#
# ## What to say
#
# Set alike, XGBoost, LightGBM and a loop of NumPy grow the same trees: on the training rows
# they are one model, on new rows they differ where several cuts tie. Their test errors are
# within a few percent. So I choose by what the data needs and by speed, not by accuracy at
# defaults. I take a rate of about 0.1 or less, let early stopping find the rounds, and then
# tune the number of leaves. Leaf-wise growth fits better with few leaves and overfits sooner
# with many; a minimum of rows in a leaf holds it back.
#
# ??? question "The training error is far below the noise. Is the model overfitted?"
#     It has learnt noise, and that alone does not say that new rows suffer. Here the test
#     error stays within a few percent of its best. Judge by the validation curve.
#
# ??? question "Two libraries give the same error and different predictions. Which is right?"
#     Both. A gap between two training rows leaves open where to cut it, and bins leave open
#     more. Rows that fall into such gaps get either answer.
