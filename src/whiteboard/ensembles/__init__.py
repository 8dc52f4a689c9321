"""Trees, and what is built from many of them. NumPy under scikit-learn's conventions."""

__all__ = []
