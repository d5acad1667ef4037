"""DeepFashion's tree under the thesis profile: what DVC watches of it, at the price of a few files."""

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from fashiongen.sources.deepfashion_tree import LabelledImage, image_file, write_tree

IMAGES = 12


def write_deepfashion(root: Path) -> None:
    """A small tree as its authors lay it out, with the archive that its images were unpacked from."""
    images = [LabelledImage(f"img/Item/img_{n:08d}.jpg", "Dress", (1, 1, 20, 30), "train") for n in range(IMAGES)]
    write_tree(root, images)
    with zipfile.ZipFile(root / "img.zip", "w") as archive:
        for shade, image in enumerate(images):
            path = image_file(root, image.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (24, 36), (shade, 0, 0)).save(path)
            archive.write(path, image.path)
    (root / "img.zip").rename(root / "Img/img.zip")


@pytest.mark.slow
def test_dvc_watches_the_archive_and_the_annotations_and_not_each_image(lay_out, tmp_path):
    (tmp_path / "clone").mkdir()
    clone = lay_out(tmp_path / "clone", "thesis")
    root = clone.folder / "data/thesis/deepfashion"
    write_deepfashion(root)
    clone.run("dvc repro --quiet deepfashion_to_coco")
    deps = clone.read_yaml("dvc.lock")["stages"]["deepfashion_to_coco"]["deps"]
    (tree,) = (dep for dep in deps if dep["path"] == "data/thesis/deepfashion")
    assert tree["nfiles"] == 5  # the archive and four tables
    assert len(list((root / "Img/img/Item").iterdir())) == IMAGES  # a stage that runs takes nothing away

    (root / "Img/img/Item/img_00000003.jpg").unlink()
    assert "up to date" in clone.run("dvc status deepfashion_to_coco")
    for changed in (root / "Img/img.zip", root / "Anno_coarse/list_bbox.txt"):
        before = changed.read_bytes()
        changed.write_bytes(before + b"\n")
        assert "modified:           data/thesis/deepfashion" in clone.run("dvc status deepfashion_to_coco")
        changed.write_bytes(before)
    with (root / "Img/img.zip").open("ab") as archive:
        archive.write(b"\n")
    clone.run("dvc repro --quiet deepfashion_to_coco")
    assert "up to date" in clone.run("dvc status deepfashion_to_coco")
