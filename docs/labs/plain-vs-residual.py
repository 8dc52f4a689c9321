# %% [markdown]
# # Plain against residual networks, down to fifty layers
#
# A deeper network can do all that a shallower one can: let the extra layers pass on what they
# get. Yet without skips the deeper one ends with the *higher training error*
# ([He et al. 2015](https://arxiv.org/abs/1512.03385)). This lab trains both kinds on the
# digits of scikit-learn, looks at their gradients, and finds the depth at which they part.
#
# The short experiments, and what an interviewer asks about them, are on
# [the page on residual connections](../cnn/residual-connections.md).

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np

from whiteboard.cnn import cifar_network, train_residual_mlp
from whiteboard.datasets import load_digits
from whiteboard.fundamentals import model_gradients

(x, y), (x_test, y_test) = load_digits()
images, test_images = x.reshape(-1, 8, 8, 1), x_test.reshape(-1, 8, 8, 1)
print(f"{len(images)} images of 8 x 8 to train on, {len(test_images)} to test on")

# %% [markdown]
# ## The networks
#
# The networks of section 4.2 of the paper, with eight filters instead of sixteen: one
# convolution, three stages of $n$ blocks with two convolutions each, a softmax. That is
# $6n + 2$ layers with weights. A residual block puts out
#
# $$
# y = \mathrm{relu}(x + F(x))
# $$
#
# and the block of the plain twin only $\mathrm{relu}(F(x))$. The skip has no parameters, so
# the twins have the same number of weights, and batch norm follows every convolution in both.


# %%
def build(depth, residual):
    keras.utils.set_random_seed(7)
    return cifar_network(depth, residual, filters=8, input_shape=(8, 8, 1))


names = {False: "plain", True: "residual"}
sizes = {}
for depth in (8, 50):
    for residual, name in names.items():
        sizes[depth, residual] = build(depth, residual).count_params()
        print(f"{name:8} {depth:2} layers: {sizes[depth, residual]:7,} parameters")
assert all(sizes[depth, True] == sizes[depth, False] for depth in (8, 50))

# %% [markdown]
# ## Training curves
#
# Four epochs of SGD with momentum, the same rate for all four networks. This takes most of
# the lab's time, and on TensorFlow and JAX most of that is compiling fifty layers.

# %%
curves, tested = {}, {}
progress = keras.utils.Progbar(len(sizes), unit_name="network")
for number, (depth, residual) in enumerate(sizes, start=1):
    model = build(depth, residual)
    model.compile(
        keras.optimizers.SGD(0.02, momentum=0.9),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    fitted = model.fit(images, y, batch_size=32, epochs=4, verbose=0)
    curves[depth, residual] = fitted.history["loss"]
    tested[depth, residual] = model.evaluate(test_images, y_test, verbose=0)[1]
    progress.update(number)

figure, axes = plt.subplots(figsize=(6.4, 2.8))
for (depth, residual), losses in curves.items():
    style = "-" if residual else "--"
    label = f"{names[residual]}, {depth} layers"
    axes.plot(range(1, 5), losses, style, marker="o", label=label)
    print(f"{label:20} loss {losses[-1]:.2f}, test {tested[depth, residual]:.2f}")
axes.set(xlabel="epoch", ylabel="training loss", ylim=(0, None)), axes.legend()
figure.set_label(
    "Training loss by epoch: both networks of 8 layers and the residual one of 50 fall "
    "to near zero, the plain one of 50 layers falls little."
)

# %% [markdown]
# At eight layers the skip makes little difference. At fifty the plain network has learnt
# little: from $\ln(10) = 2.30$, the loss of a guess among ten classes, it has come only a small
# part of the way down. It is the *training* loss, so this is not overfitting.

# %%
assert curves[8, False][-1] < 0.3 and curves[8, True][-1] < 0.3
assert curves[50, False][-1] > 1.5 and curves[50, True][-1] < 0.5
assert tested[50, True] > tested[50, False] + 0.4

# %% [markdown]
# ## The gradient does not vanish
#
# "Skips help because without them the gradient vanishes" is the usual account. With batch
# norm it is wrong. Here is the norm of the gradient of each kernel, before training, on 256
# images.

# %%
norms = {}
for residual, name in names.items():
    model = build(50, residual)
    loss = "sparse_categorical_crossentropy"
    _, gradients = model_gradients(model, images[:256], y[:256], loss)
    norms[name] = [np.linalg.norm(g) for g in gradients if g.ndim == 4]
    first, last = norms[name][0], norms[name][-1]
    print(
        f"{name:8} first layer {first:6.2f}, last {last:.2f}: {first / last:.0f} times"
    )

figure, axes = plt.subplots(figsize=(6.4, 2.8))
for name, values in norms.items():
    axes.semilogy(range(1, 50), values, label=name)
axes.set(xlabel="convolution, from the input", ylabel="norm of its gradient")
axes.legend()
figure.set_label(
    "Gradient norm by layer at the start, 50 layers: the plain network's grows more than a "
    "hundredfold from the output back to the input, the residual one's stays level."
)
assert norms["plain"][0] > 20 * norms["plain"][-1]
assert max(norms["residual"]) < 10 * min(norms["residual"])

# %% [markdown]
# The plain gradient *grows* towards the input. Batch norm fixes the scale of the forward pass
# and leaves that of the backward pass to compound: it grows by a factor a layer
# ([Yang et al. 2019](https://arxiv.org/abs/1902.08129)). So one learning rate suits some
# layers and is far too large for others. The skip keeps the layers within a factor of ten.

# %% [markdown]
# ## From which depth on
#
# A convolution is a matrix product with structure. A simpler stack of plain matrix products,
# in NumPy, is fast enough to train at six depths with three seeds each: blocks
# $h \leftarrow s h + \mathrm{relu}(\mathrm{BN}(hW))$ of width 64, $s = 1$ with skips and
# $s = 0$ without, four epochs.

# %%
depths, seeds = (5, 10, 20, 30, 40, 50), np.random.default_rng(7).integers(1000, size=3)
progress = keras.utils.Progbar(len(depths), unit_name="depth")
accuracy = {"plain": [], "residual": []}
for number, depth in enumerate(depths, start=1):
    for name, skip in {"plain": 0, "residual": 1}.items():
        models = [train_residual_mlp(x, y, depth, skip, random_state=s) for s in seeds]
        accuracy[name].append([model.accuracy(x, y) for model in models])
    progress.update(number)

figure, axes = plt.subplots(figsize=(6.4, 2.8))
for name, values in accuracy.items():
    means = np.mean(values, axis=1)
    axes.plot(depths, means, marker="o", label=name)
    axes.fill_between(depths, np.min(values, 1), np.max(values, 1), alpha=0.2)
    print(f"{name:8}", "  ".join(f"{mean:.2f}" for mean in means))
axes.set(xlabel="blocks", ylabel="training accuracy", ylim=(0, 1.02)), axes.legend()
figure.set_label(
    "Training accuracy by depth, mean and range of three seeds: plain falls from 10 "
    "blocks on to about a quarter at 50, residual loses less, and later."
)

# %% [markdown]
# Up to ten blocks the two are alike. Then the plain stack falls, and at fifty it gets about one
# digit in four right. The depth at which they part belongs to this width, rate and start; no
# depth is the limit of plain networks in general. The residual stack gets worse too, but later
# and less, and unevenly beyond thirty blocks.

# %%
lowest = {name: np.min(values, axis=1) for name, values in accuracy.items()}
highest = {name: np.max(values, axis=1) for name, values in accuracy.items()}
assert lowest["plain"][1] > 0.85 and lowest["residual"][1] > 0.85  # 10 blocks
assert highest["plain"][2] < 0.75 < lowest["residual"][2]  # 20 blocks
assert highest["plain"][-1] < 0.4 < lowest["residual"][-1]  # 50 blocks

# %% [markdown]
# ## What to say
#
# Without skips, deeper networks end with a higher training error. It is not overfitting, and
# with batch norm it is not a vanishing gradient either: at the start the gradient grows
# towards the input. With skips fifty layers learn the digits within four epochs. Two accounts
# of why,
# [unrelated gradients at neighbouring inputs](../cnn/residual-connections.md#res-4) and
# [many short paths](../cnn/residual-connections.md#res-5), have their own runs.
#
# ??? question "Can fifty layers not be trained without skips?"
#     They can. He et al. trained plain networks of 56 layers for 64,000 steps with a schedule:
#     they learned, and ended worse than those of 20 layers. With a special orthogonal start,
#     plain networks of 10,000 layers have been trained
#     ([Xiao et al. 2018](https://arxiv.org/abs/1806.05393)).
