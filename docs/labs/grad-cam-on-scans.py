# %% [markdown]
# # Grad-CAM on scans where the truth is known
#
# A classifier says "lesion", and a heat map shows where it looked. Does the map show the
# lesion? On real scans one judges by eye, or by an expert's outline where there is one. On
# generated scans the lesion is known to the pixel, so each map can be marked right or wrong.
#
# This lab trains five small networks, plays the pointing game with the
# [Grad-CAM](https://arxiv.org/abs/1610.02391) maps of three against three baselines, compares
# resolutions and layers, redraws weights to see whether the maps notice, and lets a network
# cheat. The short runs, and the rest of the case study, are on
# [the page on medical imaging](../scenarios/medical-imaging.md#scn-18).

# %%
import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from whiteboard.datasets import make_scans
from whiteboard.scenarios import grad_cam, hires_cam, pointing_hits, randomized_copy


def scans_of(patients, marker_rates, seed):
    return make_scans(patients, 4, 1 / 3, marker_rates=marker_rates, seed=seed)


test = scans_of(300, (0, 0), seed=8)
sick = test.labels == 1
images, masks = test.images[sick], test.masks[sick]
print(f"{len(images)} scans with a lesion, which covers {masks.mean():.1%} of a scan")

# %% [markdown]
# ## The networks
#
# Three convolutions with batch norm, a global *average* over the last maps, a softmax. What
# differs is the pooling before the last convolution: none, by 2 or by 4. So the last maps have
# 12 x 12, 6 x 6 or 3 x 3 cells, of 2, 4 or 8 pixels: "fine", "middle" and "coarse". All have
# the same number of weights. Each is trained on 4000 scans of 1000 patients, a third of them
# sick, with a lesion on every scan.
#
# Two more are fine networks on other data. A bright square, the *marker*, stands in the upper
# left corner of some scans, as a technician might leave it. For "shortcut" it is on 98 % of
# the scans with a lesion and on 2 % of the others. For "control" it is on half of both.


# %%
def build(pooling=1):
    x = inputs = keras.Input((24, 24, 1))
    for number, filters in enumerate((16, 32, 32), start=1):
        convolution = layers.Conv2D(filters, 3, padding="same", name=f"conv{number}")
        x = layers.BatchNormalization(momentum=0.9)(convolution(x))
        x = layers.ReLU(name=f"maps{number}")(x)
        if number < 3:
            x = layers.MaxPooling2D(2 if number == 1 else pooling)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(2, "softmax", name="head")(x))


def train(model, scans, epochs=5):
    steps = epochs * -(-len(scans.labels) // 64)
    rate = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(scans.images, scans.labels, 64, epochs, verbose=0)
    return model


# %%
keras.utils.set_random_seed(7)
marked = {"shortcut": (0.02, 0.98), "control": (0.5, 0.5)}
pooling = {"fine": 1, "middle": 2, "coarse": 4}
names, models = [*pooling, *marked], {}
progress = keras.utils.Progbar(len(names), unit_name="network")
for number, name in enumerate(names, start=1):
    scans = scans_of(1000, marked.get(name, (0, 0)), seed=7)
    models[name] = train(build(pooling.get(name, 1)), scans)
    progress.update(number)


def area(model, scans):
    risk = model.predict(scans.images, 600, verbose=0)[:, 1]
    return roc_auc_score(scans.labels, risk)


areas = {name: area(model, test) for name, model in models.items()}
for name, value in areas.items():
    print(f"{name:8} area under the ROC curve on new patients, no markers: {value:.3f}")
assert min(areas[name] for name in pooling) > 0.92

# %% [markdown]
# ## The maps
#
# Grad-CAM weighs the maps $A^k$ of a layer by the mean slope of the class score in them:
#
# $$
# L = \mathrm{relu}\Big(\sum_k \alpha_k A^k\Big), \quad
# \alpha_k = \frac{1}{h w} \sum_{ij} \frac{\partial z_c}{\partial A^k_{ij}}
# $$
#
# Six scans, and the maps for "lesion" from the last layer of two networks, resized to the
# scan. The true outline is red.

# %%
heat = {name: grad_cam(models[name], images, "maps3", 1) for name in pooling}
shown = np.arange(6) * 60
rows = {"scan": images[..., 0], "fine": heat["fine"], "coarse": heat["coarse"]}
figure, axes = plt.subplots(3, 6, figsize=(6.4, 3.2))
for row, (name, pictures) in zip(axes, rows.items(), strict=True):
    row[0].set_ylabel(name)
    for axis, i in zip(row, shown, strict=True):
        axis.imshow(pictures[i]), axis.set(xticks=[], yticks=[])
        axis.contour(masks[i], [0.5], colors="red", linewidths=1)
figure.set_label(
    "Six scans with the lesion outlined in red, and two heat maps of each. Those of "
    "the fine network are small spots at the lesion, the coarse ones wide blurs near it."
)

# %% [markdown]
# ## The pointing game
#
# Pretty maps prove nothing. In the
# [pointing game](https://arxiv.org/abs/1608.00507) a map scores if its *highest* pixel lies in
# the true mask, here also in the mask grown by one, two or four pixels. What would score that
# knows nothing of lesions?
#
# - **A random pixel** hits as often as the mask is large.
# - **The brightest pixel** of the scan needs no network. Lesions are bright, but so are the
#   vessels that healthy and sick have alike.
# - **Untrained**: Grad-CAM of the fine network before training, the mean of four draws.

# %%
tolerances = (0, 1, 2, 3, 4)


def hit_rates(maps):
    return [pointing_hits(maps, masks, t).mean() for t in tolerances]


def show(name, values, digits=2):
    print(f"{name:22}", "".join(f"{value:6.{digits}f}" for value in values))


keras.utils.set_random_seed(8)
untrained = [hit_rates(grad_cam(build(), images, "maps3", 1)) for _ in range(4)]
noise = np.random.default_rng(7).random(masks.shape)
hits = {name: hit_rates(maps) for name, maps in heat.items()}
hits["brightest pixel"] = hit_rates(images[..., 0])
hits["untrained"] = np.mean(untrained, axis=0)
hits["random pixel"] = hit_rates(noise)

# %%
show("mask grown by, pixels", tolerances, digits=0)
figure, axes = plt.subplots(figsize=(6.4, 2.8))
for name, values in hits.items():
    show(name, values)
    axes.plot(tolerances, values, "o-" if name in heat else "o--", label=name)
axes.set(xlabel="mask grown by, pixels", ylabel="hit rate", xticks=tolerances)
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
figure.set_label(
    "Hit rate by tolerance. The fine network's jumps to above the brightest pixel's, "
    "those of the coarser ones rise later, untrained and random stay far below."
)

# %% [markdown]
# On the exact mask the fine network's map *loses* to the brightest pixel. Allowed two pixels,
# one of its cells, it wins clearly, and it is far above the untrained network and a random
# pixel. The coarse network ranks scans as well, but its maps point worse: a peak cannot be
# finer than a cell. So a hit rate says little without its tolerance and a baseline. The
# baseline to beat is not chance but what the eye would jump at anyway.

# %%
fine, coarse, brightest = hits["fine"], hits["coarse"], hits["brightest pixel"]
assert fine[0] < brightest[0] and fine[2] > brightest[2] + 0.15
assert fine[2] > hits["untrained"][2] + 0.3 and fine[2] > hits["random pixel"][2] + 0.5
assert coarse[2] < fine[2] - 0.2

# %% [markdown]
# ## Which layer
#
# Earlier layers have finer maps. Are they better? Behind the last one stands a mean over
# places and a matrix. So there each place's slope is the same, Grad-CAM's mean over them loses
# nothing, and the map is the class score split over places. In earlier layers the slope
# differs from place to place, and the mean mixes what speaks for a lesion here with what
# speaks against it there. [HiResCAM](https://arxiv.org/abs/2011.08891) multiplies each place by
# its own slope.

# %%
by_layer = {}
show("mask grown by, pixels", tolerances, digits=0)
for number, size in enumerate((24, 12, 12), start=1):
    for cam in (grad_cam, hires_cam):
        maps = cam(models["fine"], images, f"maps{number}", 1)
        by_layer[cam.__name__, number] = hit_rates(maps)
        show(f"{cam.__name__} {number}, {size} x {size}", hit_rates(maps))
same = np.abs(maps - heat["fine"]).max() / maps.max()
print(f"last layer, HiResCAM against Grad-CAM: largest difference {same:.0e}")

# %% [markdown]
# So the *architecture* can buy resolution: one pooling less, finer last maps, better pointing.
# With Grad-CAM an earlier *layer* is a bad trade. The first has four times as many cells as the
# last and hits the exact mask more often. But where it misses, it misses by far: with two pixels
# allowed it points much worse. HiResCAM points well from the first layer, too. Behind the global
# average the two methods are the same.

# %%
first, last = by_layer["grad_cam", 1], by_layer["grad_cam", 3]
assert first[2] < last[2] - 0.15 and same < 1e-3
assert by_layer["hires_cam", 1][2] > first[2] + 0.15

# %% [markdown]
# ## Does the map notice when the weights go?
#
# [Adebayo et al. 2018](https://arxiv.org/abs/1810.03292) redraw the weights from the head down,
# layer after layer. A map that stays the same does not explain what the network has learned.
# Some methods failed that test, Grad-CAM passed. Below are the hit rate in the mask grown by
# two pixels and the rank correlation with the map of the trained network, for six draws each. A
# map that the ReLU leaves blank counts as a miss and as no correlation. Batch norm keeps what it
# learned.


# %%
def correlation(maps, others):
    pairs = zip(maps[:100].reshape(100, -1), others[:100].reshape(100, -1), strict=True)
    return np.mean([spearmanr(*p)[0] if np.ptp(p[1]) > 0 else 0 for p in pairs])


cascade, redrawn = {}, []
for name in ("head", "conv3", "conv2", "conv1"):
    redrawn.append(name)
    draws = []
    for seed in range(6):
        copy = randomized_copy(models["fine"], redrawn, seed=seed)
        maps = grad_cam(copy, images, "maps3", 1)
        hit = pointing_hits(maps, masks, 2).mean()
        draws.append([hit, correlation(heat["fine"], maps)])
    cascade[name] = hit, rank = np.transpose(draws)
    print(f"redrawn down to {name:5} hits {hit.round(2)}, mean {hit.mean():.2f}")
    print(f"{'':21} rank correlation {rank.round(2)}")

# %% [markdown]
# With all kernels redrawn little is left on average, so the maps depend on what was learned.
# With the head alone redrawn it is a toss: the same 32 features get random class weights, and
# the map comes out much as it was, unlike it, or nearly inverted. One draw could have "shown"
# that the map ignores the head or that it depends on it. Draw several times.

# %%
hit, rank = cascade["conv1"]
assert hit.mean() < fine[2] - 0.3 and np.abs(rank).mean() < 0.5
assert np.ptp(cascade["head"][1]) > 0.5

# %% [markdown]
# ## A network that reads the marker
#
# Three test sets of the same new patients: markers as the shortcut network had them in
# training, no markers, and markers swapped, on 98 % of the healthy and 2 % of the sick.

# %%
sets = {"as in training": (0.02, 0.98), "none": (0, 0), "swapped": (0.98, 0.02)}
tests = {name: scans_of(300, pair, seed=8) for name, pair in sets.items()}
found = {}
print(f"{'area, markers:':15}", *(f"{name:>15}" for name in tests))
for name in ("fine", "shortcut", "control"):
    found[name] = [area(models[name], scans) for scans in tests.values()]
    print(f"{name:15}", *(f"{value:15.3f}" for value in found[name]))

# %% [markdown]
# With the markers of its training the shortcut network looks almost perfect. A held-out set
# from the same hospital shares the shortcut and cannot show it. Without markers it is worse
# than the fine network: it has learned less about lesions. Swapped, it ranks most of the
# healthy above the sick. The control saw markers that meant nothing, and ignores them.
#
# But the fine network, which *never saw a marker*, is fooled by them as well: to it a bright
# square looks like a lesion.

# %%
shared, unmarked, swapped = found["shortcut"]
assert shared > 0.97 and unmarked < shared - 0.03 and swapped < 0.4
assert unmarked < found["fine"][1] - 0.01
assert np.ptp(found["control"]) < 0.03 and found["fine"][2] < 0.75

# %% [markdown]
# Do the maps betray the shortcut? Where do they point on scans that have both, a lesion and a
# marker? Allowed are four pixels from either; the corner so grown is 11 % of the scan.

# %%
both = scans_of(300, (1, 1), seed=8).images[sick]
square = np.zeros(masks.shape, bool)
square[:, 1:4, 1:4] = True
pointed, figure_maps = {}, {}
for name in ("fine", "shortcut", "control"):
    maps = figure_maps[name] = grad_cam(models[name], both, "maps3", 1)
    pointed[name] = [pointing_hits(maps, of, 4).mean() for of in (square, masks)]
    print("{:9} at marker {:.2f}, at lesion {:.2f}".format(name, *pointed[name]))

pictures = {"scan": both[..., 0], **figure_maps}
figure, axes = plt.subplots(2, 4, figsize=(6.4, 3.2))
for row, i in zip(axes, shown[1:3], strict=True):
    for axis, (name, each) in zip(row, pictures.items(), strict=True):
        axis.imshow(each[i]), axis.set(xticks=[], yticks=[])
        axis.contour(masks[i], [0.5], colors="red", linewidths=1)
        axis.set_title(name if i == shown[1] else "")
figure.set_label(
    "Two scans with a lesion, outlined in red, and a marker in the upper left corner. "
    "The maps of the fine and the shortcut network peak at the marker, the control's at "
    "or near the lesion."
)

# %% [markdown]
# They do: the shortcut network's maps mostly point at the marker, not at the lesion. Yet
# so do those of the fine network, which has learned no shortcut. The map shows *where* the
# score on this scan comes from. It does not show *why*: a rule learned from bad data, or a
# thing never seen that resembles a lesion. What tells the two apart is the table above: on
# scans without markers the shortcut network is worse than one trained without them.

# %%
assert pointed["shortcut"][0] > 0.5 > pointed["shortcut"][1] + 0.1
assert pointed["fine"][0] > 0.5 and pointed["control"][0] < 0.4
assert pointed["control"][1] > pointed["shortcut"][1] + 0.3

# %% [markdown]
# ## What to say
#
# Grad-CAM weighs the last maps by the mean slope of the class score. Its resolution is a cell
# of that layer. I test it where the truth is known: the pointing game with a stated tolerance,
# against the brightest pixel and an untrained network, and with weights redrawn several times.
# A map on a marker is a reason to look for a
# [shortcut](../scenarios/medical-imaging.md#scan-4), not a proof of one. The proof is an
# intervention: take the marker out of the training data, train again, and compare both
# networks on scans without it. A clean map proves nothing either, and
# [no map makes a model interpretable](../scenarios/medical-imaging.md#scn-12).
#
# ??? question "Which layer do you take for Grad-CAM?"
#     As a rule the last convolution. Behind a global average and one matrix Grad-CAM is the
#     class activation map of [Zhou et al. 2016](https://arxiv.org/abs/1512.04150) but for the
#     ReLU and a constant: an exact split of the score without its bias. In an earlier layer the
#     mean slope mixes places. For finer maps change the network, or use HiResCAM.
#
# ??? question "How would you mend the shortcut network?"
#     Break the link in the data: collect, or make, scans with markers on both classes. That is
#     the control above. Or crop or cover the corner in training and in use. Then test on scans
#     without the marker and with it swapped, because a new split of the old data shares it.
