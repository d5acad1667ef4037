"""Output folders: emptied, or written whole; what is not a plain folder is used or refused in one line."""

import errno
import os
from pathlib import Path

import pytest

from fashiongen.errors import BadInput, explain_os_error
from fashiongen.files import write_text
from fashiongen.folders import fresh_folder, new_folder


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_fresh_folder_is_empty():
    write_text(Path("out/a/b.txt"), "old")
    assert list(fresh_folder(Path("out")).iterdir()) == []
    assert list(fresh_folder(Path("deep/out")).iterdir()) == []


def test_a_linked_output_stays_a_link_and_its_content_is_replaced():
    """A second run replaces what the first one wrote, folders, links and files."""
    Path("disk").mkdir()
    Path("kept").mkdir()
    write_text(Path("kept/mine.txt"), "mine")
    Path("out").symlink_to("disk")
    for _ in range(2):
        assert list(fresh_folder(Path("out")).iterdir()) == []
        assert Path("out").is_symlink()
        write_text(Path("out/images/a.txt"), "written by a stage")
        write_text(Path("out/table.csv"), "written by a stage")
        Path("out/link").symlink_to(Path("kept").resolve())
    assert sorted(path.name for path in Path("disk").iterdir()) == ["images", "link", "table.csv"]
    assert Path("kept/mine.txt").read_text() == "mine"


def test_a_linked_folder_of_the_users_files_is_left_alone():
    write_text(Path("photographs/1.jpg"), "mine")
    Path("out").symlink_to("photographs")
    for _ in range(2):
        with pytest.raises(BadInput, match=r"^out: is the folder .*photographs, which holds 1\.jpg that may be"):
            fresh_folder(Path("out"))
    assert Path("photographs/1.jpg").read_text() == "mine"
    assert Path("out").is_symlink()


def test_a_link_to_nothing_names_its_target():
    """The folder is not made: the disk that it lies on may not be mounted."""
    Path("out").symlink_to("/nowhere/disk")
    with pytest.raises(BadInput, match=r"^out: links to /nowhere/disk, which is no folder; make that folder or mount"):
        fresh_folder(Path("out"))
    assert Path("out").is_symlink()


@pytest.mark.parametrize("linked", [False, True])
def test_a_file_in_the_place_of_a_folder_is_left_alone(linked):
    write_text(Path("mine.txt"), "mine")
    if linked:
        Path("out").symlink_to("mine.txt")
    else:
        Path("mine.txt").rename("out")
    with pytest.raises(BadInput, match=r"^out: "):
        fresh_folder(Path("out"))
    assert Path("out").read_text() == "mine"


EMPTY_TWICE = """
from pathlib import Path
from fashiongen.folders import fresh_folder
for _ in range(2):
    assert list(fresh_folder(Path("out")).glob("[!l]*")) == []
    Path("out/a.txt").write_text("written by a stage")
assert Path("out").is_mount() or Path("disk/a.txt").exists()
"""


@pytest.mark.parametrize(
    "mounts",
    [
        "mkdir out; mount -t tmpfs none out",
        "mkdir out; mount -t tmpfs none out; mkdir out/lost+found",
        "mkdir out disk; mount --bind disk out",
    ],
)
def test_a_mounted_output_stays_mounted_and_its_content_is_replaced(run_with_mounts, mounts):
    done = run_with_mounts(mounts, EMPTY_TWICE)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_mounted_folder_of_the_users_files_is_left_alone(run_with_mounts, tmp_path):
    program = """
from pathlib import Path
from fashiongen.errors import BadInput
from fashiongen.folders import fresh_folder
try:
    fresh_folder(Path("my out"))
except BadInput as error:
    print(error)
"""
    done = run_with_mounts(
        "mkdir photographs 'my out'; echo mine > photographs/1.jpg; mount --bind photographs 'my out'", program
    )
    assert done.stdout.startswith(f"my out: is the folder {tmp_path}/my out, which holds 1.jpg that may be yours")
    assert (tmp_path / "photographs/1.jpg").read_text() == "mine\n"


def test_a_new_folder_is_there_when_it_is_whole():
    with new_folder(Path("deep/out")) as folder:
        write_text(folder / "a.txt", "new")
        assert not Path("deep/out").exists()
    assert Path("deep/out/a.txt").read_text() == "new"
    assert [path.name for path in Path("deep").iterdir()] == ["out"]


def test_a_new_folder_that_is_not_finished_leaves_nothing():
    with pytest.raises(KeyboardInterrupt), new_folder(Path("out")) as folder:
        write_text(folder / "a.txt", "new")
        raise KeyboardInterrupt
    assert list(Path().iterdir()) == []


def test_a_new_folder_replaces_nothing():
    write_text(Path("out/a.txt"), "old")
    with pytest.raises(BadInput, match=r"^out: exists already; name another folder, or delete this one"):
        new_folder(Path("out")).__enter__()
    assert Path("out/a.txt").read_text() == "old"


def test_a_new_folder_replaces_no_broken_link():
    """It is refused before the work, not after it."""
    Path("out").symlink_to("nowhere")
    with pytest.raises(BadInput, match=r"^out: exists already"):
        new_folder(Path("out")).__enter__()


@pytest.mark.parametrize("name", ["a" * 255, "ü" * 127])
def test_a_new_folder_may_have_the_longest_name(name):
    with new_folder(Path(name)):
        pass
    assert [path.name for path in Path().iterdir()] == [name]


FILL_DISK = """
import os, warnings
from pathlib import Path
import PIL.Image, safetensors.torch, torch
from fashiongen.errors import explain_os_error
from fashiongen.files import atomic_path
from fashiongen.folders import new_folder

writers = {
    "bytes": lambda path: path.write_bytes(bytes(4_000_000)),
    "safetensors": lambda path: safetensors.torch.save_file({"a": torch.zeros(1_000_000)}, path),
    "torch": lambda path: torch.save({"a": torch.zeros(1_000_000)}, path),
    "pillow": lambda path: PIL.Image.effect_noise((2000, 2000), 90).save(path, "PNG"),
}

def write_file(write):
    with atomic_path(Path("disk/out.bin")) as path:
        write(path)

def write_folder(write):
    with new_folder(Path("disk/out.bin")) as folder, atomic_path(folder / "a.bin") as path:
        write(path)

for write_output in (write_file, write_folder):
    for name, write in writers.items():
        try:
            write_output(write)
        except OSError as error:
            print(name, explain_os_error(error), os.listdir("disk"))
"""


@pytest.mark.slow
def test_a_full_disk_is_an_error_that_names_the_output_and_leaves_nothing(run_with_mounts):
    """Whatever a library makes of it: safetensors and torch raise errors of their own."""
    done = run_with_mounts("mkdir disk; mount -t tmpfs -o size=1m none disk", FILL_DISK)
    remedy = "disk/out.bin: no space is left on the disk; free some, or write to another disk []"
    assert done.stdout.splitlines() == 2 * [f"{name} {remedy}" for name in ("bytes", "safetensors", "torch", "pillow")]


@pytest.mark.parametrize("call", ["fresh_folder(Path('disk/out'))", "new_folder(Path('disk/out')).__enter__()"])
def test_a_read_only_disk_is_an_error_that_names_the_folder(run_with_mounts, tmp_path, call):
    program = f"""
from pathlib import Path
from fashiongen.errors import explain_os_error
from fashiongen.folders import fresh_folder, new_folder
try:
    {call}
except OSError as error:
    print(explain_os_error(error))
"""
    done = run_with_mounts("mkdir disk; mount -t tmpfs -o ro none disk", program)
    assert done.stdout == "disk/out: the file system is read-only; mount it writable, or write to another place\n", done


def test_an_output_on_a_disk_that_became_read_only_keeps_its_files(run_with_mounts, tmp_path):
    write_text(tmp_path / "disk/out/a.txt", "old")
    program = """
from pathlib import Path
from fashiongen.errors import explain_os_error
from fashiongen.folders import fresh_folder
try:
    fresh_folder(Path("disk/out"))
except OSError as error:
    print(explain_os_error(error))
"""
    done = run_with_mounts("mount --bind disk disk; mount -o remount,ro,bind disk", program)
    assert "the file system is read-only" in done.stdout, done
    assert (tmp_path / "disk/out/a.txt").read_text() == "old"


def test_an_error_of_the_program_is_not_explained():
    assert explain_os_error(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "a.txt")) is None
    assert explain_os_error(OSError("cannot write mode F as PNG")) is None
