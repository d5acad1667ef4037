"""What is read back is what was written; what cannot be read is named."""

import numpy as np
import pytest
from scipy.io import savemat

from fashiongen.errors import BadInput, CorruptImage, MissingInput
from fashiongen.sources.street.ccp import (
    find_mapped,
    find_tagged,
    provide_ccp,
    read_image_tags,
    read_label_map,
    read_photograph,
    read_tags,
)

SIZE = (60, 90)


def test_tags_are_listed_by_their_label(ccp):
    tags = read_tags(ccp.folder)
    assert tags[:5] == ("null", "bag", "boots", "hair", "skin")


def test_photographs_are_found_by_their_annotation_in_order(ccp):
    for name in ("0003", "0001"):
        ccp.mapped(name, {"dress": (1, 1, 9, 9)})
    ccp.tagged("1005", ["coat"])
    assert [photograph.name for photograph in find_mapped(ccp.folder)] == ["0001", "0003"]
    assert [photograph.name for photograph in find_tagged(ccp.folder)] == ["1005"]


def test_a_map_has_the_labels_that_were_written(ccp):
    path = ccp.mapped("0001", {"dress": (10, 20, 30, 60)})
    tags = read_tags(ccp.folder)
    labels = read_label_map(path, SIZE, len(tags))
    assert labels.shape == (90, 60)
    assert (labels == tags.index("dress")).sum() == 20 * 40
    assert labels[20, 10] == labels[59, 29] == tags.index("dress")


def test_tags_of_a_photograph_come_in_the_order_of_their_labels(ccp):
    path = ccp.tagged("1005", ["coat", "null", "boots", "bag"])
    assert read_image_tags(path, read_tags(ccp.folder)) == ["null", "bag", "boots", "coat"]


def test_a_folder_without_photographs_is_named(ccp):
    with pytest.raises(MissingInput, match=r"pixel-level: no \.mat file"):
        find_mapped(ccp.folder)


def test_an_annotation_without_its_photograph_is_named(ccp):
    ccp.mapped("0001", {})
    (ccp.folder / "photos/0001.jpg").unlink()
    with pytest.raises(MissingInput, match=r"photos/0001\.jpg"):
        find_mapped(ccp.folder)


def test_a_map_of_another_size_is_refused(ccp):
    path = ccp.mapped("0001", {})
    with pytest.raises(BadInput, match=r"0001\.mat: a map of \(60, 90\) pixels for a photograph of \(61, 90\)"):
        read_label_map(path, (61, 90), 28)


@pytest.mark.parametrize("label", [200, 28])
def test_a_label_that_stands_for_no_tag_is_refused(ccp, label):
    path = ccp.folder / "annotations/image-level/1005.mat"
    savemat(path, {"tags": np.array([[1, label]], dtype=np.uint8)})
    with pytest.raises(BadInput, match=rf"1005\.mat: label {label} stands for no tag"):
        read_image_tags(path, read_tags(ccp.folder))


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\0" * 400])
def test_a_file_that_is_no_mat_file_is_named(ccp, content):
    (ccp.folder / "label_list.mat").write_bytes(content)
    with pytest.raises(BadInput, match=r"label_list\.mat: not a MATLAB file"):
        read_tags(ccp.folder)


def test_a_truncated_map_is_named(ccp):
    path = ccp.folder / "annotations/pixel-level/0001.mat"
    savemat(path, {"groundtruth": np.zeros((90, 60), dtype=np.uint8)}, do_compression=True)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(BadInput, match=r"0001\.mat"):
        read_label_map(path, SIZE, 28)


def test_a_file_without_the_variable_is_named(ccp):
    path = ccp.mapped("0001", {})
    with pytest.raises(BadInput, match=r"0001\.mat: no variable tags"):
        read_image_tags(path, read_tags(ccp.folder))


def test_a_truncated_photograph_is_named(ccp):
    ccp.photograph("0001")
    path = ccp.folder / "photos/0001.jpg"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(CorruptImage, match=r"0001\.jpg: not a whole image"):
        read_photograph(path)


def test_the_error_for_a_missing_data_set_names_the_remedies(tmp_path):
    with pytest.raises(MissingInput, match=r"dvc import https://github\.com/\S+ \. -o .*FASHIONGEN_CCP"):
        provide_ccp(tmp_path / "absent", None)


def test_a_copy_elsewhere_is_linked_and_linked_again_after_it_moved(ccp, tmp_path):
    folder = tmp_path / "street-ccp"
    folder.symlink_to(tmp_path / "moved")
    provide_ccp(folder, str(ccp.folder))
    provide_ccp(folder, str(ccp.folder))
    assert read_tags(folder) == read_tags(ccp.folder)


def test_a_folder_that_is_there_is_left_as_it_is(ccp, tmp_path):
    provide_ccp(ccp.folder, str(tmp_path / "elsewhere"))
    assert not ccp.folder.is_symlink()
