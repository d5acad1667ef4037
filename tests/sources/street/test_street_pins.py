"""A photograph without a map becomes a pin titled by what is worn."""

import hashlib

from fashiongen.sources.street.ccp import find_tagged, read_tags
from fashiongen.sources.street.pins import copy_pictures, pin_photographs


def test_a_pin_shows_the_photograph_byte_for_byte_and_is_titled_by_what_is_worn(ccp, tmp_path):
    ccp.tagged("1005", ["null", "hair", "skin", "coat", "boots", "bag"])
    (pin,) = pin_photographs(find_tagged(ccp.folder), read_tags(ccp.folder), tmp_path)
    picture = pin.picture
    content = (ccp.folder / "photos/1005.jpg").read_bytes()
    assert pin.title == "bag, boots, coat"
    assert (picture.width_px, picture.height_px) == (60, 90)
    assert picture.signature == hashlib.md5(content).hexdigest()
    assert (tmp_path / "images" / f"{picture.signature}.jpg").read_bytes() == content


def test_a_copy_is_another_upload_of_a_smaller_picture(ccp, tmp_path):
    ccp.tagged("1005", ["coat"])
    (pin,) = pin_photographs(find_tagged(ccp.folder), read_tags(ccp.folder), tmp_path)
    copy = copy_pictures([pin], tmp_path, quality=60, scale=0.5)[pin].picture
    assert (copy.width_px, copy.height_px) == (30, 45)
    assert copy.signature != pin.picture.signature == copy.near_to
    assert (tmp_path / "images" / f"{copy.signature}.jpg").stat().st_size > 0
