# %% [markdown]
# # A character language model, trained and sampled with a key-value cache
#
# A small causal Transformer learns to write sentences, character by character. The text comes
# from a grammar, so every probability is known. That answers what a text from books leaves
# open: how low the loss can go, what the model learns first and last, and what temperature and
# top-p do to the sentences.
#
# The short experiments are on the pages on [decoding](../transformer/decoding.md) and on
# [efficient attention](../transformer/efficient-attention.md).

# %%
import time
from unittest import mock

import keras
import matplotlib.pyplot as plt
import numpy as np

from whiteboard.transformer import (
    CausalLanguageModel,
    NGramModel,
    apply_temperature,
    generate,
    greedy_tokens,
    sample_tokens,
    top_p_filter,
)

# %% [markdown]
# ## A grammar whose every probability is known
#
# From each state one piece of text is drawn, and it leads to the next state. The $k$-th word of
# a list has a probability proportional to $1 / k$. The verb agrees with its subject, also where
# another noun stands in between: *the dogs near the cat see the hen.*

# %%
NOUNS = ["dog", "cat", "hen", "goat", "lion", "seal", "crab", "owl"]
VERBS = ["see", "like", "hear", "follow"]
ADJECTIVES = ["old", "small", "brown", "quiet"]


def choose(words, ending, share, state):
    """Words with an ending: (text, probability, next state)."""
    weights = 1 / np.arange(1, len(words) + 1)
    pairs = zip(words, weights / weights.sum() * share, strict=True)
    return [(word + ending, p, state) for word, p in pairs]


def nouns(share, one, many, end=" "):
    singular = choose(NOUNS, end, share / 2, one)
    return singular + choose(NOUNS, "s" + end, share / 2, many)


# %% [markdown]
# A state after a subject says how many it names, *one* or *many*; after *near the* and a second
# noun it says that for both.

# %%
RULES = {
    "start": [("the ", 1, "subject")],
    "subject": choose(ADJECTIVES, " ", 1 / 3, "noun") + nouns(2 / 3, "one", "many"),
    "noun": nouns(1, "one", "many"),
    "one": choose(VERBS, "s the ", 2 / 3, "object") + [("near the ", 1 / 3, "one,")],
    "many": choose(VERBS, " the ", 2 / 3, "object") + [("near the ", 1 / 3, "many,")],
    "one,": nouns(1, "one, one", "one, many"),
    "many,": nouns(1, "many, one", "many, many"),
    **dict.fromkeys(["one, one", "one, many"], choose(VERBS, "s the ", 1, "object")),
    **dict.fromkeys(["many, one", "many, many"], choose(VERBS, " the ", 1, "object")),
    "object": nouns(1, "start", "start", end=".\n"),
}
assert all(np.isclose(sum(p for _, p, _ in rule), 1) for rule in RULES.values())

# %% [markdown]
# Writing draws from the rules. Reading walks along them: the probability of a character is that
# of all pieces that still fit after it, divided by that of those that fitted before. A sentence
# that the grammar does not allow gets a 0.


# %%
def write(count, seed):
    rng, sentences = np.random.default_rng(seed), []
    for _ in range(count):
        state, sentence = "start", ""
        while not sentence.endswith("\n"):
            texts, p, states = zip(*RULES[state], strict=True)
            chosen = rng.choice(len(p), p=p)
            sentence, state = sentence + texts[chosen], states[chosen]
        sentences.append(sentence)
    return sentences


def read(sentence):
    """Each character's probability, and where it stands: (state, part of the piece)."""
    state, part, probabilities, places = "start", "", [], []
    for character in sentence:
        places.append((state, part))
        before = sum(p for text, p, _ in RULES[state] if text.startswith(part))
        part += character
        fitting = [rule for rule in RULES[state] if rule[0].startswith(part)]
        probabilities.append(sum(p for _, p, _ in fitting) / before)
        if not fitting:
            break
        if fitting[0][0] == part:
            state, part = fitting[0][2], ""
    return np.array(probabilities), places


# %%
train, test = write(6144, seed=7), write(600, seed=70)
print("".join(test[:6]))
floor = -np.mean(np.log(np.concatenate([read(sentence)[0] for sentence in test])))
print(f"floor {floor:.3f} nats a character: {np.exp(floor):.2f} equally likely choices")

# %% [markdown]
# The floor is the mean surprise of the test text under the grammar itself. No model can expect
# a lower [cross-entropy](../fundamentals/losses.md#loss-06). Most characters have one possible
# value, and the rest carry all of it.
#
# ## Training
#
# Each row is a line break, which says "start", and a sentence up to its own line break. The
# model predicts each character from those before it.

# %%
CHARACTERS = "".join(sorted(set("".join(train))))
END, LENGTH = CHARACTERS.index("\n"), max(map(len, train + test))


def rows(sentences):
    ids = np.full((len(sentences), LENGTH + 1), END, dtype="int32")
    for row, sentence in zip(ids, sentences, strict=True):
        row[1 : len(sentence) + 1] = [CHARACTERS.index(c) for c in sentence]
    lengths = np.array([[len(sentence)] for sentence in sentences])
    weights = (np.arange(LENGTH) < lengths).astype("float32")  # 0 after the end
    return ids[:, :-1], ids[:, 1:], weights


# %%
EPOCHS, CHUNKS = 4, 6
keras.utils.set_random_seed(7)
model = CausalLanguageModel(
    len(CHARACTERS), width=48, num_layers=2, num_heads=4, max_length=LENGTH
)
rate = keras.optimizers.schedules.CosineDecay(
    0.0, EPOCHS * len(train) // 32, warmup_target=0.004, warmup_steps=50
)
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(keras.optimizers.Adam(rate), loss)

x, y, weights = rows(train)
test_x, test_y, test_weights = rows(test)
model.build(x.shape)
print(f"{len(CHARACTERS)} characters, {model.count_params():,} parameters")

# %% [markdown]
# Four kinds of character show what is learned: those with *one* possible value, mostly inside
# words; those with a *choice*, at the start of words and where a noun gets its plural s or not;
# and the verb's ending, with a noun of the *other number in between* or without one. The endings
# have one possible value too. What is plotted is the excess: the model's surprise less the
# grammar's.


# %%
def kind(place, p):
    state, part = place
    if part in VERBS:
        return 3 if state in ("one, many", "many, one") else 2
    return 0 if np.isclose(p, 1) else 1


KINDS = ["one value", "choice", "ending", "ending, other number between"]
truth, kinds = np.ones(test_y.shape), np.full(test_y.shape, -1)
for row, sentence in enumerate(test):
    probabilities, places = read(sentence)
    truth[row, : len(sentence)] = probabilities
    found = [kind(place, p) for place, p in zip(places, probabilities, strict=True)]
    kinds[row, : len(sentence)] = found


# %%
def probability(logits, ids):
    """What a softmax of the logits gives to each id."""
    p = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    return np.take_along_axis(p, ids[..., None], axis=-1)[..., 0]


def excess(p):
    gap = np.log(truth) - np.log(p)
    return [gap[kinds == k].mean() for k in range(4)] + [gap[kinds >= 0].mean()]


seen, curves = [], []
progress = keras.utils.Progbar(EPOCHS * CHUNKS, unit_name="chunk")
for number in range(EPOCHS * CHUNKS):
    part = slice(number % CHUNKS, None, CHUNKS)
    model.fit(x[part], y[part], 32, sample_weight=weights[part], verbose=0)
    p = probability(model.predict(test_x, 200, verbose=0), test_y)
    seen.append((number + 1) * len(train) / CHUNKS), curves.append(excess(p))
    progress.update(number + 1)

# %%
figure, axes = plt.subplots(figsize=(6.4, 3.0), layout="constrained")
for name, values in zip(KINDS, np.transpose(curves), strict=False):
    axes.semilogy(seen, values, label=name)
axes.set(xlabel="sentences seen", ylabel="nats above the floor", ylim=(1e-3, 4))
axes.legend()
figure.set_label(
    "Excess over the grammar's surprise by sentences seen, four kinds of character: all "
    "fall towards zero, the endings after a noun of the other number last."
)
for name, value in zip([*KINDS, "all"], curves[-1], strict=True):
    print(f"{name:30} {value:.3f} nats above the floor")
spelling, chosen, after_subject, other_between, everything = np.transpose(curves)
assert everything[-1] < 0.03
assert np.argmax(other_between < 0.3) > np.argmax(spelling < 0.3)
assert other_between.mean() > 1.2 * after_subject.mean()

# %% [markdown]
# The loss comes within a few hundredths of the floor. Spelling is learned first. The endings
# follow, and the last is the ending after a noun of the other number: until then the nearest
# noun is a good guess, and in most sentences a right one.
#
# ## What counting can do
#
# The older way is to [count what followed](../transformer/why-transformers.md#tfm-21) the last
# few characters. The counts are of the same text, for 3, 7 and 11 characters back.


# %%
def ids_of(text):
    return np.array([CHARACTERS.index(character) for character in text])


def wrong_endings(p):
    return (p < 0.5)[kinds == KINDS.index("ending, other number between")].mean()


found = {"Transformer": probability(model.predict(test_x, 200, verbose=0), test_y)}
for order in (4, 8, 12):
    counted = NGramModel(order, len(CHARACTERS)).fit(ids_of("\n" + "".join(train)))
    p = np.ones(test_y.shape)
    p[kinds >= 0] = counted.probabilities(ids_of("\n" * (order - 1) + "".join(test)))
    found[f"{order - 1} characters back"] = p
for name, p in found.items():
    print(f"{name:18} {excess(p)[-1]:.3f} nats above the floor, ", end="")
    print(f"wrong ending after the other number: {wrong_endings(p):.0%}")
assert wrong_endings(found["Transformer"]) < 0.2
assert wrong_endings(found["11 characters back"]) > 0.9
assert excess(found["Transformer"])[-1] < excess(found["11 characters back"])[-1]

# %% [markdown]
# Eleven characters are enough for most of the text, and reach the nearest noun, not the subject.
# So the count is confident and wrong. That the nearest noun misleads is known from recurrent
# networks, too ([Linzen et al. 2016](https://arxiv.org/abs/1611.01368)).
#
# Character by character, on one sentence with such a verb:

# %%
sentence = "the old dogs near the cat see the hen.\n"
ids, targets, _ = rows([sentence])
surprise = {"grammar": -np.log(read(sentence)[0])}
surprise["model"] = -np.log(probability(model(ids), targets))[0, : len(sentence)]
figure, axes = plt.subplots(figsize=(6.4, 2.4), layout="constrained")
for shift, (name, values) in zip((-0.2, 0.2), surprise.items(), strict=True):
    axes.bar(np.arange(len(sentence)) + shift, values, width=0.4, label=name)
axes.set_xticks(range(len(sentence)), sentence.replace("\n", "|"))
axes.set(ylabel="surprise (nats)", ylim=(0, 3)), axes.legend(ncols=2)
figure.set_label(
    "Surprise at each character of a sentence, grammar and model side by side: high where "
    "a word is chosen, near zero inside words, and almost the same for both."
)

# %% [markdown]
# ## The key-value cache changes the cost, not the text
#
# With a cache each step sends one new character through the model, and attention reads the keys
# and values of the earlier ones. Without it, all go through again. The same draws, both ways:


# %%
def sampler(temperature=1.0, p=1.0):
    seed = keras.random.SeedGenerator(7)
    return lambda logits: sample_tokens(
        top_p_filter(apply_temperature(logits, temperature), p), seed
    )


def texts(ids):
    lines = ("".join(CHARACTERS[i] for i in row[1:]) for row in ids)
    return [line[: line.find("\n") + 1] or line for line in lines]


# %%
start, written = np.full((8, 1), END), {}
for use_cache in (True, False):
    written[use_cache] = generate(model, start, LENGTH, sampler(), use_cache=use_cache)
print("".join(texts(written[True])))

ids, cache, steps = written[True], model.empty_cache(len(start), LENGTH), []
for t in range(LENGTH):
    logits, cache = model.step(ids[:, t : t + 1], cache, t)
    steps.append(keras.ops.convert_to_numpy(logits))
whole = keras.ops.convert_to_numpy(model(ids[:, :-1]))
error = np.abs(np.concatenate(steps, axis=1) - whole).max()
print(f"logits differ by at most {error:.0e}")
assert error < 1e-3 and (written[True] == written[False]).all()

# %% [markdown]
# The cost: how many characters go through the model to write a text, counted; and how the time of
# the $n$-th character compares, for 16 texts at once, on a model of this width with room for 512.

# %%
for n in (10, 20, 40):
    passed = {}
    for name, use_cache in {"step": True, "call": False}.items():
        with mock.patch.object(model, name, wraps=getattr(model, name)) as counted:
            generate(model, start[:1], n, use_cache=use_cache)
        shapes = [call.args[0].shape for call in counted.call_args_list]
        passed[name] = sum(int(np.prod(shape)) for shape in shapes)
    print(f"{n} characters: {passed['step']} with a cache, {passed['call']:,} without")
    assert passed == {"step": n, "call": n * n}

roomy = CausalLanguageModel(len(CHARACTERS), 48, 2, 4, max_length=512)


def seconds(function):
    taken = []
    for _ in range(4):
        begun = time.perf_counter()
        keras.ops.convert_to_numpy(function())
        taken.append(time.perf_counter() - begun)
    return min(taken)


def time_ratio(n):
    ids, cache = np.ones((16, n), "int32"), roomy.empty_cache(16, n)
    whole = seconds(lambda: roomy(ids))
    return whole / seconds(lambda: roomy.step(ids[:, -1:], cache, n - 1)[0])


for n in (32, 128, 512):
    print(f"character {n:3}: without a cache {time_ratio(n):.1f} times as long")

# %% [markdown]
# The count is exact: $n$ against $n^2$, because `generate` sends all $n$ places at every step.
# Sending only those written so far would make $n (n + 1) / 2$. The time saved is far less than
# $n$ times. A step of so small a model is mostly the fixed cost of its operations, and a full
# pass uses the processor better. With large models on accelerators,
# [memory traffic](../transformer/efficient-attention.md#eff-9) takes the place of that fixed
# cost.
#
# ## Temperature and top-p against the grammar
#
# The grammar says for every sentence whether it is allowed, and how frequent each noun should
# be. So both sides of the trade can be measured: the *allowed* share of 200 sentences, and the
# share of *rare* nouns, the last four of the list, among all nouns written.


# %%
def allowed(text):
    return text.endswith("\n") and (read(text)[0] > 0).all()


def judge(lines):
    words = " ".join(lines).replace(".", " ").split()
    words = [word.removesuffix("s") for word in words]
    places = np.array([NOUNS.index(word) for word in words if word in NOUNS])
    return np.mean([allowed(line) for line in lines]), np.mean(places >= 4)


# %%
many, settings = np.full((200, 1), END), (0.5, 1.0, 1.5, 2.0)
true_share = (1 / np.arange(5, 9)).sum() / (1 / np.arange(1, 9)).sum()
judged = {}
for p in (1.0, 0.9):
    for temperature in settings:
        ids = generate(model, many, LENGTH, sampler(temperature, p), end_token=END)
        judged[temperature, p] = judge(texts(ids))
        good, rare = judged[temperature, p]
        print(f"temperature {temperature}, {p=}: allowed {good:.2f}, rare {rare:.2f}")
greedy = texts(generate(model, many[:2], LENGTH, greedy_tokens, end_token=END))
print(f"greedy: {greedy[0]!r}, every time; rare in the grammar {true_share:.2f}")
assert greedy[0] == greedy[1] and allowed(greedy[0])

# %%
figure, both = plt.subplots(1, 2, figsize=(6.4, 2.8), layout="constrained")
for axes, index, title in zip(both, (0, 1), ("allowed", "rare nouns"), strict=True):
    for p in (1.0, 0.9):
        shares = [judged[temperature, p][index] for temperature in settings]
        axes.plot(settings, shares, marker="o", label=f"top-p {p}")
    axes.set(title=title, xlabel="temperature", ylim=(0, None))
both[0].set(ylabel="share"), both[0].legend()
both[1].axhline(true_share, linestyle=":", label="grammar"), both[1].legend()
figure.set_label(
    "Share of allowed sentences and of rare nouns by temperature. Without top-p the "
    "allowed share collapses above 1; with 0.9 it stays high until 1.5. Rare nouns are "
    "far rarer than in the grammar at 0.5 and about as frequent at 1."
)
assert judged[0.5, 1.0][0] > judged[1.0, 1.0][0] > judged[1.5, 1.0][0] + 0.2
assert min(judged[0.5, 1.0][0], judged[1.0, 0.9][0]) > 0.92
assert judged[1.5, 0.9][0] > judged[1.5, 1.0][0] + 0.25
assert judged[0.5, 1.0][1] < 0.7 * true_share
assert judged[1.0, 0.9][1] > judged[0.5, 1.0][1] + 0.04
assert abs(judged[1.0, 1.0][1] - true_share) < 0.08
assert judged[2.0, 0.9][0] < judged[1.5, 0.9][0] - 0.2

# %% [markdown]
# At temperature 1 rare nouns come about as often as in the grammar, and some sentences break:
# one has about thirty characters, and a small chance of a wrong one at each adds up. A
# temperature of 0.5 repairs nearly all of them, and pays: rare nouns get far rarer. Top-p of
# 0.9 at temperature 1 repairs most and costs much less. Where the model is sure, inside words,
# it leaves one character; where it is not, it leaves most of the choice. It also makes 1.5
# usable. It cannot save 2: there the wrong characters together are more than the tail that is
# cut.
#
# ## What to say
#
# A language model's loss has a floor, the entropy of the text. Here it is known, and the model
# comes within a few hundredths of a nat. It learns spelling first, then the agreement of verb and
# subject, and last that across a noun of the other number, which counts of the last characters
# cannot see. The cache gives the same text, with $n$ passes of one token instead of $n$ of all.
# A low temperature sharpens every choice alike, the wanted ones too; top-p cuts the tail and
# leaves what is above it.
#
# ??? question "Why is the training loss of a real language model not zero?"
#     Because text is not determined by what came before, and most of it is read about once, so it
#     is not learned by heart. The floor is its entropy, which nobody knows for natural language.
#     [Scaling laws](../transformer/scaling.md#scl-7) estimate it as a
#     constant term of a fit.
#
# ??? question "Does the model know the grammar?"
#     It predicts like it, on sentences drawn like those of training. A higher temperature shows
#     what is left: probability on characters that the grammar forbids.
