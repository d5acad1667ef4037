"""What lands in the folder: images named by seed and number, a grid of them, a GIF that loops."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence

from fashiongen.dcgan.export.ground import clear_ground
from fashiongen.dcgan.export.samples import FRAME_MS, STOPS, write_gif, write_interpolation, write_samples
from fashiongen.dcgan.networks.dcgan import Generator
from fashiongen.dcgan.networks.sampling import sample


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image)


def test_every_image_is_a_png_named_by_seed_and_number(generator, tmp_path):
    write_samples(tmp_path, generator, 12, seed=3, grid=False)
    names = [f"seed3_{number:04d}.png" for number in range(1, 13)]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    expected = sample(generator, 12, seed=3).permute(0, 2, 3, 1).numpy()
    np.testing.assert_array_equal([pixels(tmp_path / name) for name in names], expected)


@pytest.mark.parametrize("n", [1, 3, 17])
def test_seed_and_number_name_an_image_however_many_are_drawn(generator, tmp_path, n):
    few, many = tmp_path / "few", tmp_path / "many"
    for folder, count in ((few, n), (many, 40)):
        folder.mkdir()
        write_samples(folder, generator, count, seed=3, grid=False)
    for path in few.iterdir():
        # Convolutions of another batch size round otherwise, by at most one level.
        assert np.abs(pixels(path).astype(int) - pixels(many / path.name)).max() <= 1


def test_the_grid_shows_the_images_row_by_row(generator, tmp_path):
    write_samples(tmp_path, generator, 4, seed=3, grid=True)
    grid, fourth = pixels(tmp_path / "seed3_grid.png"), pixels(tmp_path / "seed3_0004.png")
    assert grid.shape == (2 * 34 + 2, 2 * 34 + 2, 3)
    np.testing.assert_array_equal(grid[36:68, 36:68], fourth)


def test_without_the_white_every_image_and_the_grid_have_a_transparent_ground(generator, tmp_path):
    write_samples(tmp_path, generator, 3, seed=3, grid=True, transparent=True)
    expected = [clear_ground(image) for image in sample(generator, 3, seed=3).permute(0, 2, 3, 1).numpy()]
    np.testing.assert_array_equal([pixels(tmp_path / f"seed3_000{number}.png") for number in (1, 2, 3)], expected)
    grid = pixels(tmp_path / "seed3_grid.png")
    np.testing.assert_array_equal(grid[2:34, 2:34], expected[0])
    assert not grid[:2].any()


def test_the_interpolation_loops_for_ever_through_the_first_images(generator, tmp_path):
    write_interpolation(tmp_path, generator, seed=3, frames=2 * STOPS)
    with Image.open(tmp_path / "seed3_interpolation.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["loop"], gif.info["duration"]) == (2 * STOPS, (256, 256), 0, FRAME_MS)
        shown = [np.asarray(frame.convert("RGB"), dtype=float) for frame in ImageSequence.Iterator(gif)]
    stops = sample(generator, STOPS, seed=3).permute(0, 2, 3, 1).double()
    seen = torch.from_numpy(np.stack(shown[::2])).view(STOPS, 32, 8, 32, 8, 3).mean(dim=(2, 4))
    assert float((seen - stops).abs().mean()) < 5  # of 255: a palette and an enlargement away


def test_a_portrait_generator_draws_a_portrait_gif(small_shape, tmp_path):
    portrait = Generator(small_shape.model_copy(update={"width_px": 16})).eval()
    write_interpolation(tmp_path, portrait, seed=3, frames=2)
    with Image.open(tmp_path / "seed3_interpolation.gif") as gif:
        assert gif.size == (128, 256)


def test_a_gif_with_few_colours_is_exact_and_keeps_frames_that_do_not_change(tmp_path):
    plain = [Image.new("RGB", (300, 300), colour) for colour in ("red", "navy", "red")]
    write_gif(tmp_path / "a.gif", plain)
    with Image.open(tmp_path / "a.gif") as gif:
        assert [frame.convert("RGB").getpixel((150, 150)) for frame in ImageSequence.Iterator(gif)] == [
            (255, 0, 0),
            (0, 0, 128),
            (255, 0, 0),
        ]
