"""Numbers out of range, refused at the door; NaN is out of every range."""


def require_positive(**arguments):
    """Raise a ValueError that names the first argument that is not above 0."""
    for name, value in arguments.items():
        if not value > 0:
            raise ValueError(f"{name} must be positive. Received: {name}={value}")


def require_not_negative(**arguments):
    """Raise a ValueError that names the first argument that is not at least 0."""
    for name, value in arguments.items():
        if not value >= 0:
            raise ValueError(f"{name} must not be negative. Received: {name}={value}")


def require_below_one(**arguments):
    """Raise a ValueError that names the first argument that is not in [0, 1)."""
    for name, value in arguments.items():
        if not 0 <= value < 1:
            raise ValueError(
                f"{name} must be at least 0 and below 1. Received: {name}={value}"
            )
