"""Tables joined, and the three splits."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiongen.deepfashion.annotations import Annotations, Category, Table
from fashiongen.deepfashion.items import Item, join_items, split_items

DRESS = Category("Dress", 3)
BOX = (1, 2, 30, 40)


def table(rows):
    return Table(Path("list.txt"), len(rows), rows)


def annotations(boxes, labels, partition=None):
    return Annotations(
        categories=table({"Dress": DRESS}),
        boxes=table(dict.fromkeys(boxes, BOX)),
        labels=table(dict.fromkeys(labels, DRESS)),
        partition=None if partition is None else table(partition),
    )


def items_of(folder_sizes):
    """Items in folders of these sizes."""
    names = [f"img/Item_{n}/{k}.jpg" for n, size in enumerate(folder_sizes) for k in range(size)]
    return [Item(place, name, BOX, DRESS) for place, name in enumerate(names, start=1)]


def test_images_that_a_table_lacks_are_named():
    items, unmatched = join_items(annotations(boxes="abc", labels="bcd"))
    assert [(item.image_id, item.image_name) for item in items] == [(2, "b"), (3, "c")]
    assert unmatched == ["a", "d"]


def test_the_partition_is_joined_where_it_was_read():
    items, unmatched = join_items(annotations("abc", "abc", {"a": "train", "c": "val"}))
    assert [item.image_id for item in items] == [1, 3]
    assert unmatched == ["b"]


@given(size=st.integers(1, 300), train_frac=st.floats(0.05, 0.95), seed=st.integers(0, 99))
def test_a_random_split_has_the_asked_size(size, train_frac, seed):
    items = items_of([size])
    parts = split_items(items, "random", annotations([], []), train_frac=train_frac, seed=seed)
    assert parts.count("train") == round(train_frac * size)
    assert parts.count("train") + parts.count("val") == size


@pytest.mark.slow
def test_the_studys_fraction_gives_the_studys_split():
    parts = split_items(items_of([289_222]), "random", annotations([], []), train_frac=0.69151, seed=7)
    assert (parts.count("train"), parts.count("val")) == (200_000, 89_222)


@pytest.mark.parametrize("split", ["random", "item"])
def test_a_draw_is_seeded(split):
    items = items_of([3] * 40)
    one, again, other = (
        split_items(items, split, annotations([], []), train_frac=0.5, seed=seed) for seed in (7, 7, 8)
    )
    assert one == again
    assert one != other


@given(sizes=st.lists(st.integers(1, 20), min_size=2, max_size=30), seed=st.integers(0, 99))
def test_a_split_by_item_keeps_folders_whole(sizes, seed):
    items = items_of(sizes)
    parts = split_items(items, "item", annotations([], []), train_frac=0.5, seed=seed)
    sides = {}
    for item, part in zip(items, parts, strict=True):
        sides.setdefault(item.image_name.split("/")[1], set()).add(part)
    assert all(len(side) == 1 for side in sides.values())
    wanted = round(0.5 * len(items))
    assert wanted <= parts.count("train") < wanted + max(sizes)


def test_the_official_split_leaves_the_test_images_unused():
    partition = {"a": "val", "b": "test", "c": "train"}
    tables = annotations("abc", "abc", partition)
    items, _ = join_items(tables)
    assert split_items(items, "official", tables, train_frac=0.5, seed=7) == ["val", "unused", "train"]
