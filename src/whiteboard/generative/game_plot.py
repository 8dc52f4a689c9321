"""A picture of a game in which each of two players has one parameter."""

import matplotlib.pyplot as plt
import numpy as np

POINTS = 81  # of the grid, along each axis


def plot_game(discriminator_loss, generator_loss, limit=2.0, paths=None, title=None):
    """Draw the landscape of a game, where its players push, and paths through it.

    The color is the discriminator's loss. Streamlines follow both players at once: each
    goes down its own loss, in its own parameter. The caller says in words what is to be
    seen: `figure.set_label(...)`.

    Args:
        discriminator_loss: Function of the discriminator's and the generator's
            parameter, arrays of one shape, to an array of that shape.
        generator_loss: As `discriminator_loss`.
        limit: Both parameters run from minus to plus this.
        paths: Maps a name to an array `(T, 2)` of both parameters through training.
        title: Title of the figure.

    Returns:
        The `matplotlib.figure.Figure`, left open.

    Raises:
        ValueError: If a loss is not finite or a path not of that shape, or the limit is
            not positive.

    Examples:
        >>> figure = plot_game(lambda d, g: -d * g, lambda d, g: d * g)
        >>> figure.set_label("A saddle: the streamlines circle around its middle.")
    """
    if not limit > 0:
        raise ValueError(f"limit must be positive. Received: limit={limit}")
    axis = np.linspace(-limit, limit, POINTS)
    discriminator, generator = np.meshgrid(
        axis, axis
    )  # each (generator, discriminator)
    losses = {
        "discriminator_loss": np.asarray(discriminator_loss(discriminator, generator)),
        "generator_loss": np.asarray(generator_loss(discriminator, generator)),
    }
    for name, loss in losses.items():
        if loss.shape != discriminator.shape or not np.isfinite(loss).all():
            raise ValueError(
                f"{name} must return a finite number for each pair of parameters. "
                f"Received: shape={loss.shape}, {np.sum(~np.isfinite(loss))} not finite"
            )
    push = -np.gradient(losses["discriminator_loss"], axis, axis=1)
    pull = -np.gradient(losses["generator_loss"], axis, axis=0)

    figure, axes = plt.subplots(figsize=(5.5, 3.2), layout="constrained")
    image = axes.imshow(
        losses["discriminator_loss"],
        extent=[-limit, limit, -limit, limit],
        origin="lower",
        aspect="auto",
    )
    figure.colorbar(image, label="discriminator's loss")
    axes.streamplot(axis, axis, push, pull, color="white", linewidth=0.6, density=0.8)
    for name, path in (paths or {}).items():
        path = np.asarray(path, "float64")
        if path.ndim != 2 or path.shape[1] != 2:
            raise ValueError(
                f"paths must have shape (T, 2). Received: {name}: shape={path.shape}"
            )
        axes.plot(*path.T, label=name, markevery=[0], marker="o", color="C1")
    axes.set(
        xlabel="discriminator's parameter",
        ylabel="generator's parameter",
        xlim=(-limit, limit),
        ylim=(-limit, limit),
        title=title,
    )
    if paths:
        axes.legend()
    return figure
