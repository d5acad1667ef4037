"""Published files of weights: their list, and that only the published file is taken."""

import hashlib

import pytest
import torch
from torchvision.models import get_model_weights
from torchvision.models.detection import fasterrcnn_resnet50_fpn, fasterrcnn_resnet50_fpn_v2

from fashiongen.detector.initial_weights.files import read_weight_file
from fashiongen.detector.published_weights import PublishedWeights, fetch, find_published, list_published
from fashiongen.errors import BadInput, CheckpointError, MissingInput

CONTENT = b"weights of many years"
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def published(tmp_path):
    """A file that its publisher names by its hash."""
    source = tmp_path / "publisher" / f"resnet18-{SHA256[:8]}.pth"
    source.parent.mkdir()
    source.write_bytes(CONTENT)
    return PublishedWeights("resnet18-v1", "resnet18", source.as_uri(), SHA256[:8], stride_in_1x1=False)


def test_the_list_has_each_file_once_with_the_hash_in_its_name():
    found = list(list_published())
    assert len({one.name for one in found}) == len({one.url for one in found}) == len(found)
    of_torchvision = [one for one in found if one.url.endswith(".pth")]
    assert all(len(one.sha256_start) == 8 and int(one.sha256_start, 16) >= 0 for one in of_torchvision)
    assert find_published("resnet50-v2").url == get_model_weights("resnet50")["IMAGENET1K_V2"].url
    assert find_published("R-50").stride_in_1x1
    assert not find_published("X-101-32x8d").stride_in_1x1


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(BadInput, match=r"'resnet50'.*resnet50-v1.*coco-v1.*R-101"):
        find_published("resnet50")


def test_a_file_is_fetched_once_and_checked(published, tmp_path):
    path, sha256 = fetch(published, tmp_path / "weights")
    assert (path.read_bytes(), sha256) == (CONTENT, SHA256)
    (tmp_path / "publisher" / published.file).unlink()
    assert fetch(published, tmp_path / "weights") == (path, sha256)


def test_a_copy_is_taken_in_its_place(published, tmp_path):
    copy = tmp_path / "copy.pth"
    copy.write_bytes(CONTENT)
    path, _ = fetch(published._replace(url=f"file:///nowhere/{published.file}"), tmp_path / "weights", given=copy)
    assert path.read_bytes() == CONTENT
    with pytest.raises(MissingInput, match="absent"):
        fetch(published, tmp_path / "other", given=tmp_path / "absent")


@pytest.mark.parametrize("is_given", [False, True])
def test_another_file_is_refused_and_nothing_is_left(published, tmp_path, is_given):
    source = tmp_path / "publisher" / published.file
    source.write_bytes(b"something else")
    with pytest.raises(CheckpointError, match=f"begins with {SHA256[:8]}"):
        fetch(published, tmp_path / "weights", given=source if is_given else None)
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_damaged_file_that_is_there_is_not_taken(published, tmp_path):
    path, _ = fetch(published, tmp_path / "weights")
    path.write_bytes(CONTENT[:5])
    with pytest.raises(CheckpointError, match="fetch it again"):
        fetch(published, tmp_path / "weights")


def test_without_a_network_the_address_and_the_place_are_said(published, tmp_path):
    unreachable = published._replace(url=f"http://127.0.0.1:9/{published.file}")
    with pytest.raises(MissingInput, match=r"127\.0\.0\.1:9.*weights/resnet18.*run this command again"):
        fetch(unreachable, tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("build", [fasterrcnn_resnet50_fpn, fasterrcnn_resnet50_fpn_v2])
def test_files_of_the_coco_detectors_names_and_shapes_are_read(build, tmp_path):
    """Of the second version, whose head is another one, body and pyramid are what a training takes."""
    theirs = build(weights=None, weights_backbone=None).state_dict()
    torch.save(theirs, tmp_path / "coco.pth")
    found = read_weight_file(tmp_path / "coco.pth", "resnet50", first_layer=1)
    for name in ("backbone.body.conv1.weight", "backbone.body.layer4.2.conv3.weight"):
        assert torch.equal(found[name], theirs[name])
    assert "backbone.fpn.inner_blocks.0.0.weight" in found


def test_the_command_lists_fetches_and_says_what_to_write(call, tmp_path, monkeypatch):
    status, out, _ = call("weights")
    assert status == 0
    assert "resnet50-0676ba61.pth" in out
    copy = tmp_path / "mine.pkl"
    copy.write_bytes(CONTENT)
    status, out, _ = call("weights", "R-50", "--from", str(copy))
    assert status == 0
    assert f"resnet50: {{weights: data/weights/R-50.pkl, weights_sha256: {SHA256}, stride_in_1x1: true}}" in out
    assert "dvc add data/weights/R-50.pkl" in out
    assert call("weights", "nothing")[0] == 1
