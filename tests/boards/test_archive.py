import hashlib
import io

import pytest
from PIL import Image

from fashiongen.boards.archive import INDEX, ORIGINALS, REDUCED, Archive, archive_folder
from fashiongen.boards.catalogue import PINTEREST, Board, Catalogue
from fashiongen.boards.content import Inspector
from fashiongen.boards.fetch import Download
from fashiongen.errors import BadInput

INSPECTOR = Inspector(max_megapixels=80.0, timeout_s=30.0)
SIGNATURE = hashlib.md5(b"a coat").hexdigest()


@pytest.fixture
def download():
    stream = io.BytesIO()
    Image.effect_noise((90, 120), 64).save(stream, "PNG")
    return Download(stream.getvalue(), INSPECTOR.inspect(stream.getvalue()))


def test_what_was_stored_is_found_with_the_same_facts(tmp_path, download):
    stored = Archive(tmp_path, INSPECTOR).store(SIGNATURE, REDUCED, download)
    assert Archive(tmp_path, INSPECTOR).find(SIGNATURE) == stored
    assert stored.path == tmp_path / f"736x/{SIGNATURE}.png"
    assert stored.path.read_bytes() == download.content


def test_the_original_comes_before_the_reduced_one(tmp_path, download):
    archive = Archive(tmp_path, INSPECTOR)
    archive.store(SIGNATURE, REDUCED, download)
    archive.store(SIGNATURE, ORIGINALS, download)
    assert archive.find(SIGNATURE).size == ORIGINALS


def test_an_empty_archive_has_nothing(tmp_path):
    assert Archive(tmp_path / "none", INSPECTOR).find(SIGNATURE) is None


def test_a_link_and_a_damaged_file_are_not_found(tmp_path, download):
    archive = Archive(tmp_path / "kept", INSPECTOR)
    path = archive.store(SIGNATURE, ORIGINALS, download).path
    path.rename(tmp_path / "elsewhere.png")
    path.symlink_to(tmp_path / "elsewhere.png")
    assert archive.find(SIGNATURE) is None
    path.unlink()
    path.write_bytes(download.content[:200])
    assert archive.find(SIGNATURE) is None


@pytest.mark.parametrize("name", ["../" + SIGNATURE, "", SIGNATURE.upper(), SIGNATURE[:-1] + "*"])
def test_only_a_signature_names_a_file(tmp_path, download, name):
    with pytest.raises(BadInput, match="not 32 hexadecimal digits"):
        Archive(tmp_path, INSPECTOR).store(name, ORIGINALS, download)
    assert not list(tmp_path.iterdir())


def test_a_whole_file_is_not_decoded_again_and_a_damaged_index_only_costs_that(tmp_path, download, monkeypatch):
    stored = Archive(tmp_path, INSPECTOR).store(SIGNATURE, ORIGINALS, download)
    decoded = []
    inspect = Inspector.inspect
    monkeypatch.setattr(Inspector, "inspect", lambda self, content: decoded.append(1) or inspect(self, content))
    assert Archive(tmp_path, INSPECTOR).find(SIGNATURE) == stored
    assert decoded == []
    (tmp_path / INDEX).write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    assert Archive(tmp_path, INSPECTOR).find(SIGNATURE) == stored
    assert Archive(tmp_path, INSPECTOR).find(SIGNATURE) == stored
    assert decoded == [1]  # the index was made anew


def test_a_corrected_catalogue_has_the_same_archive_and_another_local_site_has_not(tmp_path):
    boards = tmp_path / "boards"
    (boards / "site").mkdir(parents=True)
    entry = Board(brand="A", season="", url="/a/b/")
    local, live = (Catalogue(site=site, boards=(entry,)) for site in ("standin", PINTEREST))
    corrected = Catalogue(site=PINTEREST, boards=(entry.model_copy(update={"url": "/a/c/"}),))
    assert archive_folder(tmp_path, boards, live) == archive_folder(tmp_path, boards, corrected)
    names = {archive_folder(tmp_path, boards, live), archive_folder(tmp_path, boards, local)}
    (boards / "site/boards.json").write_text("[]")
    names.add(archive_folder(tmp_path, boards, local))
    assert len(names) == 3
