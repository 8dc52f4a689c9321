"""Scans with planted lesions: a medical data set whose truth is known to the pixel."""

from typing import NamedTuple

import numpy as np
from scipy.ndimage import gaussian_filter

# Shapes: N scans, S rows and columns.


class Scanner(NamedTuple):
    """What a site does to a picture: `gain * blurred + offset`, then noise."""

    gain: float
    offset: float
    blur: float  # standard deviation in pixels
    noise: float  # standard deviation of the noise of a pixel


SCANNERS = {"A": Scanner(1.0, 0.0, 0.0, 0.2), "B": Scanner(0.7, 0.3, 0.5, 0.3)}


MARKER = 4.0  # how bright a marker is; most pixels are between -2 and 3


class Scans(NamedTuple):
    """Images with what is known of them, one entry for each scan."""

    images: np.ndarray  # (N, S, S, 1) float32
    labels: np.ndarray  # (N,) int32: 1 with a lesion, 0 without
    masks: np.ndarray  # (N, S, S) bool: where the lesion is
    patients: np.ndarray  # (N,) int32


def make_scans(
    num_patients=500,
    scans_per_patient=4,
    prevalence=0.1,
    scanner="A",
    marker_rates=(0.0, 0.0),
    image_size=24,
    seed=0,
):
    """Generate scans of healthy and sick patients.

    A patient has an anatomy, a smooth random field that all scans of the patient share
    up to a pixel of movement. `round(prevalence * num_patients)` patients are sick: each
    of their scans shows the lesion, a soft bright disc at the patient's own place. A
    scan adds fine texture of its own and one to three vessels, bright lines that healthy
    and sick have alike. The scanner changes contrast, brightness, sharpness
    and noise; B is a site that A's models have not seen. A marker, as technicians put
    on films, is a bright square in the upper left corner.

    Args:
        num_patients: Number of patients, at least 2.
        scans_per_patient: Scans of each patient.
        prevalence: Share of the patients that are sick, from 0 to 1.
        scanner: `"A"` or `"B"`, see `SCANNERS`.
        marker_rates: Probability of a marker on a scan, of the healthy and of the sick.
        image_size: S, at least 12.
        seed: An integer or a `numpy.random.Generator`.

    Returns:
        `Scans`, patient after patient.

    Raises:
        ValueError: If an argument is out of range.

    Examples:
        >>> scans = make_scans(num_patients=50, seed=7)
        >>> scans.images.shape, int(scans.labels.sum())
        ((200, 24, 24, 1), 20)
    """
    _check(num_patients, scans_per_patient, prevalence, scanner, image_size)
    if len(marker_rates) != 2 or not all(0 <= rate <= 1 for rate in marker_rates):
        raise ValueError(
            "marker_rates must be two probabilities, of the healthy and of the sick. "
            f"Received: marker_rates={marker_rates}"
        )
    rng = np.random.default_rng(seed)
    size, count = image_size, num_patients * scans_per_patient
    patients = np.arange(num_patients).repeat(scans_per_patient)
    sick = rng.permutation(num_patients) < round(prevalence * num_patients)
    anatomy = smooth_fields(rng, rng.uniform(2.5, 5, num_patients), size)
    places = rng.uniform(4, size - 5, (num_patients, 2))
    radii, contrasts = rng.uniform([[1.5], [2.2]], [[2.5], [3.8]], (2, num_patients))

    labels = sick[patients]
    pictures = wrap_around(anatomy[patients], rng.integers(-1, 2, (count, 2)))
    pictures += 0.4 * smooth_fields(rng, np.full(count, 0.7), size)
    pictures += vessels(rng, count, size)
    moved = places[patients] + rng.uniform(-1, 1, (count, 2))
    discs = soft_discs(moved, radii[patients], size)
    pictures += (labels * contrasts[patients])[:, None, None] * discs
    pictures = look_through(SCANNERS[scanner], pictures, rng)
    marked = rng.random(count) < np.where(labels, marker_rates[1], marker_rates[0])
    pictures[marked, 1:4, 1:4] = MARKER
    return Scans(
        pictures.astype("float32")[..., None],
        labels.astype("int32"),
        (discs > 0.5) & labels[:, None, None],
        patients.astype("int32"),
    )


def smooth_fields(rng, smoothness, size):
    """Blur white noise by `smoothness` pixels, then mean 0 and variance 1: `(N, S, S)`.

    Each of N entries of `smoothness` is the standard deviation of a Gaussian, which the
    Fourier transform makes a product; the fields wrap around.
    """
    frequencies = np.fft.fftfreq(size)
    squares = frequencies[:, None] ** 2 + frequencies**2
    transfer = np.exp(-2 * (np.pi * smoothness[:, None, None]) ** 2 * squares)
    noise = rng.normal(size=(len(smoothness), size, size))
    fields = np.fft.ifft2(np.fft.fft2(noise) * transfer).real
    fields -= fields.mean(axis=(1, 2), keepdims=True)
    return fields / fields.std(axis=(1, 2), keepdims=True)


def wrap_around(pictures, shifts):
    """Move each picture by its own `(down, right)`; what leaves enters on the far side."""
    size = pictures.shape[1]
    rows, columns = ((np.arange(size) - s[:, None]) % size for s in shifts.T)
    one = np.arange(len(pictures))[:, None, None]
    return pictures[one, rows[:, :, None], columns[:, None, :]]


def vessels(rng, count, size):
    """One to three bright lines, about a pixel wide, on each picture: `(N, S, S)`."""
    rows, columns = np.mgrid[:size, :size]
    pictures = np.zeros((count, size, size))
    for i in range(3):
        height = rng.uniform(0.7, 1.5, (count, 1, 1)) * (
            rng.integers(0, 3, (count, 1, 1)) >= i
        )
        angle = rng.uniform(0, np.pi, (count, 1, 1))
        row, column = rng.uniform(0, size, (2, count, 1, 1))
        distance = (rows - row) * np.cos(angle) + (columns - column) * np.sin(angle)
        pictures += height * np.exp(-(distance**2))
    return pictures


def soft_discs(places, radii, size):
    """Discs that are 1 inside, 0.5 at their radius, and 0 outside: `(N, S, S)`."""
    rows, columns = np.mgrid[:size, :size]
    row, column = places.T[:, :, None, None]
    distance = np.hypot(rows - row, columns - column)
    return 1 / (1 + np.exp((distance - radii[:, None, None]) / 0.4))


def look_through(scanner, pictures, rng):
    """What a `Scanner` makes of pictures `(N, S, S)`."""
    blurred = gaussian_filter(pictures, (0, scanner.blur, scanner.blur))
    noise = rng.normal(0, scanner.noise, pictures.shape)
    return scanner.gain * blurred + scanner.offset + noise


def _check(num_patients, scans_per_patient, prevalence, scanner, image_size):
    if num_patients < 2:
        raise ValueError(
            f"num_patients must be at least 2. Received: num_patients={num_patients}"
        )
    if scans_per_patient < 1:
        raise ValueError(
            "scans_per_patient must be positive. "
            f"Received: scans_per_patient={scans_per_patient}"
        )
    if not 0 <= prevalence <= 1:
        raise ValueError(
            f"prevalence must be from 0 to 1. Received: prevalence={prevalence}"
        )
    if scanner not in SCANNERS:
        raise ValueError(
            f"scanner must be one of {[*SCANNERS]}. Received: scanner={scanner!r}"
        )
    if image_size < 12:
        raise ValueError(
            f"image_size must be at least 12. Received: image_size={image_size}"
        )
