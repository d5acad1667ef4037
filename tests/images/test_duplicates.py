"""Duplicates by name and by perceptual hash."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from fashiongen.images.duplicates import (
    choose_keepers,
    find_near_duplicates,
    hamming_distance,
    merge_by_name,
)
from fashiongen.images.hashing import describe_image, read_thumbnail
from fashiongen.images.manifest import DuplicateRecord, PinRecord
from fashiongen.images.params import DedupParams

PARAMS = DedupParams(
    max_hamming_distance=12,
    max_difference=20,
    differing_frac=0.03,
    max_aspect_change_frac=0.08,
    min_contrast=3,
    held_out_frac=0.2,
    seed=7,
)


def pin(file, signature, pin_id="1"):
    return PinRecord(
        pin_id=pin_id,
        board="/a/b/",
        brand="A",
        season="SS26",
        section="",
        title="",
        link="",
        signature=signature,
        file=file,
        width_px=1,
        height_px=1,
        bytes=1,
        sha256="",
        outcome="saved",
    )


def figure(dress=(180, 30, 40), size=(300, 450), seed=0):
    """A person on a textured background: what the domain's false matches share."""
    rng = np.random.default_rng(seed)
    background = rng.integers(90, 220, (9, 6, 3), np.uint8)
    image = Image.fromarray(background).resize((300, 450), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    draw.ellipse((130, 40, 170, 95), fill=(220, 180, 150))
    draw.polygon([(120, 110), (180, 110), (220, 380), (80, 380)], fill=dress)
    return image.resize(size, Image.Resampling.LANCZOS)


def near_duplicates(folder):
    images = {path.name: describe_image(path) for path in folder.iterdir()}
    rows = find_near_duplicates(images, PARAMS, lambda name: read_thumbnail(folder / name))
    return [(row.removed, row.keeper) for row in rows]


def test_the_first_of_a_name_stays():
    kept, removed = merge_by_name([pin("b/x.jpg", "x"), pin("b/y.jpg", "y"), pin("a/x.jpg", "x"), pin("c/x.jpg", "x")])
    assert [row.file for row in kept] == ["b/x.jpg", "b/y.jpg"]
    assert removed == [
        DuplicateRecord(removed=file, keeper="b/x.jpg", rule="name", distance=0) for file in ("a/x.jpg", "c/x.jpg")
    ]


def test_one_file_on_two_boards_of_a_brand_is_no_duplicate_of_itself():
    kept, removed = merge_by_name([pin("a/x.jpg", "x", "1"), pin("a/x.jpg", "x", "2")])
    assert [row.pin_id for row in kept] == ["1"]
    assert removed == []


def test_a_copy_in_a_folder_seen_twice_is_left_out_once():
    _, removed = merge_by_name([pin("a/x.jpg", "x"), pin("b/x.jpg", "x", "2"), pin("b/x.jpg", "x", "3")])
    assert [row.removed for row in removed] == ["b/x.jpg"]


def test_other_encodings_and_sizes_are_near_duplicates_of_the_largest(tmp_path):
    figure(size=(600, 900)).save(tmp_path / "z.jpg", quality=95)
    figure().save(tmp_path / "a.webp", quality=50)
    figure(size=(236, 354)).save(tmp_path / "b.jpg", quality=60)
    assert near_duplicates(tmp_path) == [("a.webp", "z.jpg"), ("b.jpg", "z.jpg")]


def test_of_equal_sizes_the_one_of_more_bytes_stays_then_the_first_by_name(tmp_path):
    figure().save(tmp_path / "a.jpg", quality=40)
    figure().save(tmp_path / "b.jpg", quality=95)
    figure().save(tmp_path / "c.jpg", quality=95)
    assert near_duplicates(tmp_path) == [("a.jpg", "b.jpg"), ("c.jpg", "b.jpg")]


def test_one_pose_in_another_colourway_stays(tmp_path):
    """The two greens and reds are equally bright, so the hashes cannot tell them apart."""
    figure(dress=(180, 30, 40)).save(tmp_path / "a.png")
    figure(dress=(30, 103, 40)).save(tmp_path / "b.png")
    one, other = describe_image(tmp_path / "a.png"), describe_image(tmp_path / "b.png")
    assert hamming_distance(one.phash, other.phash) <= PARAMS.max_hamming_distance
    assert near_duplicates(tmp_path) == []


def test_another_shape_stays(tmp_path):
    figure(size=(300, 450)).save(tmp_path / "a.png")
    figure(size=(300, 300)).save(tmp_path / "b.png")
    assert near_duplicates(tmp_path) == []


def test_other_pictures_stay(tmp_path):
    for seed in range(12):
        figure(seed=seed, dress=(20 * seed, 100, 200)).save(tmp_path / f"{seed}.png")
    assert near_duplicates(tmp_path) == []


def test_flat_images_match_byte_for_byte_only(tmp_path):
    """Solid white and solid red have the same hash."""
    for name, colour in {"white": "white", "red": "red", "white_too": "white"}.items():
        Image.new("RGB", (50, 50), colour).save(tmp_path / f"{name}.png")
    assert near_duplicates(tmp_path) == [("white_too.png", "white.png")]


def test_an_image_is_only_removed_for_one_that_it_equals():
    """A~B~C without A~C: B goes for A, and C stays, since its only equal is gone."""
    assert choose_keepers([(0, 1), (1, 2)]) == {1: 0}


@given(st.sets(st.sampled_from(list(combinations(range(13), 2)))))
def test_keepers_are_kept_and_no_pair_of_equals_stays(pairs):
    keepers = choose_keepers(sorted(pairs))
    assert all((keeper, removed) in pairs and keeper not in keepers for removed, keeper in keepers.items())
    assert all(better in keepers or worse in keepers for better, worse in pairs)


@pytest.mark.parametrize(("one", "other", "distance"), [(0, 0, 0), (0, 2**64 - 1, 64), (0b1010, 0b0110, 2)])
def test_hamming_distance_counts_differing_bits(one, other, distance):
    assert hamming_distance(one, other) == distance


def test_only_candidates_are_read_again(tmp_path):
    for seed in range(4):
        figure(seed=seed, dress=(60 * seed, 100, 200)).save(tmp_path / f"{seed}.png")
    figure(seed=2, dress=(120, 100, 200), size=(150, 225)).save(tmp_path / "small.png")
    images, read = {path.name: describe_image(path) for path in tmp_path.iterdir()}, []

    def read_thumbnail_of(name):
        read.append(name)
        return read_thumbnail(tmp_path / name)

    candidates = [
        sorted(pair)
        for pair in combinations(images, 2)
        if hamming_distance(images[pair[0]].phash, images[pair[1]].phash) <= PARAMS.max_hamming_distance
    ]
    rows = find_near_duplicates(images, PARAMS, read_thumbnail_of)
    assert [row.removed for row in rows] == ["small.png"]
    assert sorted(read) == sorted({name for pair in candidates for name in pair})
