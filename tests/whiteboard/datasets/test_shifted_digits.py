import numpy as np
import pytest

from whiteboard.datasets import (
    load_digit_images,
    load_digits,
    translate,
    translate_randomly,
)


class TestLoadDigitImages:
    @pytest.mark.parametrize("size", [8, 11, 16])
    def test_digits_stand_in_the_middle_of_zeros(self, size):
        (x_train, y_train), (x_test, y_test) = load_digit_images(size)
        assert x_train.shape == (1347, size, size, 1) and x_test.shape[0] == 450
        assert x_train.dtype == x_test.dtype == "float32"
        assert y_train.dtype == y_test.dtype == "int32"
        assert x_train.min() == 0 and x_train.max() == 1
        (plain, _), _ = load_digit_images(8)
        start = (size - 8) // 2
        inside = x_train[:, start : start + 8, start : start + 8]
        np.testing.assert_array_equal(inside, plain)
        assert x_train.sum() == pytest.approx(plain.sum())

    def test_split_is_that_of_load_digits(self):
        (images, y), (_, y_test) = load_digit_images()
        (rows, labels), (_, labels_test) = load_digits()
        np.testing.assert_array_equal(y, labels)
        np.testing.assert_array_equal(y_test, labels_test)
        pixels = images.reshape(1347, 64).astype("float64")
        varies = pixels.std(axis=0) > 0
        standardized = (pixels - pixels.mean(axis=0))[:, varies] / pixels[
            :, varies
        ].std(axis=0)
        np.testing.assert_allclose(rows[:, varies], standardized, atol=1e-4)

    def test_smaller_canvas_is_refused(self):
        with pytest.raises(ValueError, match="Received: canvas_size=7"):
            load_digit_images(7)


class TestTranslate:
    @pytest.mark.parametrize(("dy", "dx"), [(0, 0), (2, 1), (-3, 0), (1, -2), (-1, -1)])
    def test_moves_every_pixel(self, dy, dx):
        images = np.random.default_rng(0).normal(size=(2, 5, 4, 3))
        moved = translate(images, dy, dx)
        for y in range(5):
            for x in range(4):
                inside = 0 <= y - dy < 5 and 0 <= x - dx < 4
                expected = images[:, y - dy, x - dx] if inside else np.zeros((2, 3))
                np.testing.assert_array_equal(moved[:, y, x], expected)

    @pytest.mark.parametrize("shift", [(5, 0), (-9, 0), (0, 4), (100, -100)])
    def test_nothing_is_left_of_a_far_move(self, shift):
        assert not translate(np.ones((5, 4, 1)), *shift).any()

    def test_images_stay_as_they_were(self):
        images = np.ones((1, 3, 3, 1), "float32")
        assert translate(images, 1, 1).dtype == "float32"
        assert images.all()


class TestTranslateRandomly:
    def test_same_seed_same_moves(self):
        images = np.random.default_rng(0).normal(size=(20, 9, 9, 1))
        first, same, other = (translate_randomly(images, 3, seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, same)
        assert not np.array_equal(first, other)

    def test_all_moves_up_to_the_largest_occur(self):
        images = np.zeros((2000, 9, 9, 1), "float32")
        images[:, 4, 4] = 1
        moved = translate_randomly(images, 2, seed=0)
        assert moved.dtype == "float32"
        counts = moved.sum(axis=(0, 3))
        assert (counts[2:7, 2:7] > 40).all() and counts.sum() == counts[2:7, 2:7].sum()

    def test_no_move_and_no_images(self):
        images = np.ones((3, 4, 4, 1))
        np.testing.assert_array_equal(translate_randomly(images, 0, 0), images)
        assert translate_randomly(images[:0], 2, 0).shape == (0, 4, 4, 1)

    def test_negative_shift_is_refused(self):
        with pytest.raises(ValueError, match="Received: max_shift=-1"):
            translate_randomly(np.ones((1, 4, 4, 1)), -1, seed=0)
