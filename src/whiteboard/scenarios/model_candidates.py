"""The models that a table deserves first, from plain to boosted."""

from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from xgboost import XGBClassifier


def candidate_models(random_state=None):
    """Return classifiers not yet fitted: a linear baseline, a forest, boosted trees.

    The settings are moderate ones for some thousand rows, not tuned. A leaf of the forest
    holds at least 10 rows, since its shares are read as probabilities.

    Args:
        random_state: Seed of the two that draw.

    Returns:
        A dict of scikit-learn classifiers by name: "logistic", "forest", "XGBoost".

    Examples:
        >>> list(candidate_models())
        ['logistic', 'forest', 'XGBoost']
    """
    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(C=0.1)),
        "forest": RandomForestClassifier(
            n_estimators=50, min_samples_leaf=10, random_state=random_state
        ),
        "XGBoost": XGBClassifier(
            n_estimators=60,
            max_depth=3,
            learning_rate=0.1,
            n_jobs=1,
            random_state=random_state,
        ),
    }
