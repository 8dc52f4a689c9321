"""Data that needs no network: what ships with a dependency, and generators."""

from whiteboard.datasets.digits import load_digits

__all__ = ["load_digits"]
