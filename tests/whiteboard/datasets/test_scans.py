import numpy as np
import pytest

from whiteboard.datasets import SCANNERS, make_scans


def test_shapes_types_and_counts():
    scans = make_scans(num_patients=30, scans_per_patient=3, prevalence=0.2, seed=7)
    assert scans.images.shape == (90, 24, 24, 1) and scans.images.dtype == "float32"
    assert scans.masks.shape == (90, 24, 24) and scans.masks.dtype == bool
    assert scans.labels.dtype == scans.patients.dtype == "int32"
    assert scans.labels.sum() == 6 * 3 and np.isfinite(scans.images).all()
    np.testing.assert_array_equal(np.bincount(scans.patients), np.full(30, 3))


def test_all_scans_of_a_patient_have_one_label():
    scans = make_scans(num_patients=40, prevalence=0.3, seed=7)
    by_patient = scans.labels.reshape(40, 4)
    assert (by_patient == by_patient[:, :1]).all()


def test_the_mask_is_where_the_lesion_is():
    scans = make_scans(num_patients=200, prevalence=0.5, seed=7)
    sick = scans.labels == 1
    assert scans.masks[sick].any(axis=(1, 2)).all() and not scans.masks[~sick].any()
    images = scans.images[..., 0]
    assert images[scans.masks].mean() > images[sick][~scans.masks[sick]].mean() + 2


def test_scans_of_a_patient_resemble_each_other():
    images = make_scans(num_patients=50, prevalence=0, seed=7).images.reshape(50, 4, -1)
    images = images - images.mean(axis=2, keepdims=True)
    images /= np.linalg.norm(images, axis=2, keepdims=True)
    same = (images[:, 0] * images[:, 1]).sum(axis=1).mean()
    other = (images[:-1, 0] * images[1:, 0]).sum(axis=1).mean()
    assert same > 0.4 and abs(other) < 0.1


def test_a_seed_gives_the_same_scans_and_another_seed_others():
    first, again, other = (make_scans(10, seed=seed) for seed in (7, 7, 8))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first.images, other.images)
    np.testing.assert_array_equal(
        make_scans(10, seed=np.random.default_rng(7)).images, first.images
    )


def test_a_marker_changes_its_square_and_nothing_else():
    plain = make_scans(50, prevalence=0.5, seed=7)
    marked = make_scans(50, prevalence=0.5, marker_rates=(0, 1), seed=7)
    changed = (plain.images != marked.images)[..., 0]
    np.testing.assert_array_equal(changed.any(axis=(1, 2)), plain.labels == 1)
    assert set(zip(*np.nonzero(changed.any(axis=0)), strict=True)) == {
        (row, column) for row in (1, 2, 3) for column in (1, 2, 3)
    }


def test_scanner_b_has_less_contrast_and_another_level():
    a, b = (make_scans(50, scanner=name, seed=7) for name in "AB")
    np.testing.assert_array_equal(a.masks, b.masks)
    assert b.images.std() < 0.8 * a.images.std()
    expected = SCANNERS["B"].gain * a.images.mean() + SCANNERS["B"].offset
    assert abs(b.images.mean() - expected) < 0.01


@pytest.mark.parametrize("prevalence", [0, 1])
def test_everybody_may_be_healthy_or_sick(prevalence):
    assert (make_scans(5, prevalence=prevalence, seed=7).labels == prevalence).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_patients": 1}, "num_patients must be at least 2. Received: .*=1"),
        ({"scans_per_patient": 0}, "scans_per_patient must be positive"),
        ({"prevalence": 1.5}, "prevalence must be from 0 to 1. Received: .*=1.5"),
        ({"prevalence": np.nan}, "prevalence must be from 0 to 1"),
        ({"scanner": "C"}, r"scanner must be one of \['A', 'B'\]. Received: .*'C'"),
        ({"marker_rates": (0, 2)}, "marker_rates must be two probabilities"),
        ({"marker_rates": (0.5,)}, "marker_rates must be two probabilities"),
        ({"image_size": 8}, "image_size must be at least 12. Received: .*=8"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_scans(**{"num_patients": 5, **arguments})
