"""A test for generators that give their training data back."""

from scipy.spatial.distance import cdist
from scipy.stats import mannwhitneyu

from whiteboard.generative.feature_samples import as_features


def data_copying_score(train, test, generated):
    r"""How often a generated sample is nearer to the training data than a real one is.

    $$P \left( d(g, \mathrm{train}) < d(t, \mathrm{train}) \right)$$

    g is a generated sample, t a test sample, d the distance to the nearest training
    sample; ties count one half. 1/2 is as it should be, 1 is a copier, and near 0 are
    samples far from all data.

    Source: Meehan et al., "A Non-Parametric Test to Detect Data-Copying in Generative
    Models", 2020, here over the whole space instead of cell by cell.

    Args:
        train: Features `(N, D)` of the data that the generator was trained on.
        test: Features `(T, D)` of real data that it has not seen.
        generated: Features `(M, D)` of generated data.

    Returns:
        Number from 0 to 1.

    Raises:
        ValueError: If the features are not finite or not equally wide.

    Examples:
        >>> data_copying_score(x_train, x_test, generated=x_train[:100])
        1.0
    """
    train, test, generated = as_features(train=train, test=test, generated=generated)
    from_test = cdist(test, train).min(axis=1)
    from_generated = cdist(generated, train).min(axis=1)
    wins = mannwhitneyu(from_test, from_generated).statistic
    return float(wins / (len(test) * len(generated)))
