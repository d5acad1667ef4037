"""The site of docs/ builds without a broken link and loads nothing from elsewhere; its layers are the contract's."""

import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
LOADING = {  # attributes whose address a browser loads by itself
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
}
SVG = "{http://www.w3.org/2000/svg}"
PICTURE = ROOT / "docs/images/layers.svg"


def build(root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of the repository, or of a copy, as `make docs` does."""
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "--site-dir", str(site)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    result = build(ROOT, folder)
    assert result.returncode == 0, result.stderr
    return folder


@pytest.fixture
def copy(tmp_path):
    """The repository with a docs/ that a test may change; all else is linked."""
    for path in ROOT.iterdir():
        if path.name != "docs":
            (tmp_path / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    return tmp_path


@pytest.mark.slow
def test_every_page_is_built_and_in_the_navigation(site):
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    home = (site / "index.html").read_text()
    linked = set(re.findall(r'class="dropdown-item[^"]*">|href="([\w-]+)\.html"', home))
    assert {path.stem for path in site.glob("*.html")} - {"404"} == pages
    assert pages <= linked


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[gone](no-such-page.md)", "no-such-page.md"),
        ("[gone](detector.md#no-such-heading)", "#no-such-heading"),
        ("[gone](../benchmarks/no_such_file.py)", "../benchmarks/no_such_file.py"),
        ("![gone](images/no-such-picture.png)", "images/no-such-picture.png"),
    ],
)
def test_a_broken_link_is_an_error(copy, tmp_path_factory, text, complaint):
    page = copy / "docs/getting-started.md"
    page.write_text(f"{page.read_text()}\n{text}\n")
    result = build(copy, tmp_path_factory.mktemp("site"))
    assert result.returncode != 0
    assert complaint in result.stderr
    assert result.stderr.count("WARNING") == 1


@pytest.mark.slow
def test_a_page_that_is_in_no_menu_is_an_error(copy, tmp_path_factory):
    (copy / "docs/stray.md").write_text("# Stray\n")
    result = build(copy, tmp_path_factory.mktemp("site"))
    assert result.returncode != 0
    assert "stray.md" in result.stderr


def test_a_link_out_of_the_docs_becomes_the_name_of_the_file(site):
    page = (site / "benchmarks.html").read_text()
    assert "(<code>benchmarks/README.md</code>)" in page
    assert 'href="../benchmarks' not in page


def test_no_page_loads_anything_from_outside_the_site(site):
    class Addresses(HTMLParser):
        def handle_starttag(self, tag, attributes):
            address = dict(attributes).get(LOADING.get(tag, ""))
            if address is not None:
                found.append(address)

    found: list[str] = []
    for page in site.glob("*.html"):
        Addresses().feed(page.read_text())
    assert len(found) > 100
    assert [address for address in found if re.match(r"(\w+:)?//", address)] == []
    styles = "".join(path.read_text() for path in site.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//[^)]*", styles) == []


def contract() -> list[list[str]]:
    """The packages of each layer of the first import contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [re.sub(r"fashiongen\.|\s", "", layer).split("|") for layer in layers]


def boxes() -> list[list[float]]:
    """The boxes of the picture: left, top, width, height."""
    rectangles = ElementTree.parse(PICTURE).getroot().iter(f"{SVG}rect")
    sides = ("x", "y", "width", "height")
    return [[float(each.attrib[side]) for side in sides] for each in rectangles if each.get("class") == "box"]


def test_the_picture_shows_the_layers_of_the_contract_from_top_to_bottom():
    groups = ElementTree.parse(PICTURE).getroot().iter(f"{SVG}g")
    rows = [[text.text for text in group.iter(f"{SVG}text") if text.get("class") is None] for group in groups]
    assert rows == contract()


def test_the_picture_is_the_one_that_the_script_draws():
    command = [sys.executable, str(ROOT / "docs/layers.py")]
    drawn = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert drawn == PICTURE.read_text(), "run `make docs`"


def test_no_box_of_the_picture_touches_another_or_leaves_it():
    view = ElementTree.parse(PICTURE).getroot().attrib["viewBox"]
    width, height = (float(side) for side in view.split()[2:])
    assert len(boxes()) == sum(map(len, contract()))
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes())
    apart = [
        a[0] + a[2] < b[0] or b[0] + b[2] < a[0] or a[1] + a[3] < b[1] or b[1] + b[3] < a[1]
        for index, a in enumerate(boxes())
        for b in boxes()[:index]
    ]
    assert all(apart)


def test_every_caption_of_the_picture_fits_into_its_box():
    """Three lines have room, of as many characters as are 7.2 px wide each."""
    groups = list(ElementTree.parse(PICTURE).getroot().iter(f"{SVG}g"))
    assert groups
    for group in groups:
        width = float(group.find(f"{SVG}rect").attrib["width"])
        captions = [text for text in group.iter(f"{SVG}text") if text.get("class") == "caption"]
        lines: dict[str, int] = {}
        for text in captions:
            lines[text.attrib["x"]] = lines.get(text.attrib["x"], 0) + 1
            assert len(text.text) * 7.2 <= width
        assert max(lines.values()) <= 2


def test_the_architecture_says_what_each_package_of_each_layer_holds():
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| \S", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    described = [[name for number, name in rows if int(number) == layer] for layer in range(1, len(contract()) + 1)]
    assert described == contract()


def tree_paths() -> list[str]:
    """The paths of the tree under "Where everything lives", from the repository's root."""
    page = (ROOT / "docs/architecture.md").read_text()
    (block,) = re.findall(r"^## Where everything lives\n+```text\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    paths, parent = [], ""
    for indent, name in re.findall(r"^( *)(\S+)", block, re.MULTILINE):
        paths.append(f"{parent}{name}" if indent else name)
        parent = parent if indent else name
    return paths


@pytest.mark.parametrize("path", tree_paths())
def test_the_tree_names_paths_that_git_has_or_that_a_stage_writes(path):
    listed = subprocess.run(["git", "ls-files", path], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    outputs = re.findall(r"- ((?:models|reports)/)", (ROOT / "dvc.yaml").read_text())
    assert listed or path in outputs


def test_the_tree_names_every_package_of_the_library():
    packages = {f"fashiongen/{path.parent.name}/" for path in (ROOT / "fashiongen").glob("*/__init__.py")}
    modules = {f"fashiongen/{path.name}" for path in (ROOT / "fashiongen").glob("*.py") if path.stat().st_size}
    assert {path for path in tree_paths() if path.startswith("fashiongen/")} == {"fashiongen/"} | packages | modules
