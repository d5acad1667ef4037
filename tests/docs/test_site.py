"""The site of docs/ builds without a broken link and asks for nothing outside, and its layers are the contract's."""

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
ASKING = {
    "script": "src",
    "link": "href",
    "img": "src",
    "iframe": "src",
    "source": "src",
}  # what a browser fetches itself
SVG = "{http://www.w3.org/2000/svg}"


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


def test_every_page_is_built_and_in_the_navigation(site):
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")}
    home = (site / "index.html").read_text()
    linked = set(re.findall(r'class="dropdown-item[^"]*">|href="([\w-]+)\.html"', home))
    assert {path.stem for path in site.glob("*.html")} - {"404"} == pages
    assert pages <= linked


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


def test_a_page_that_is_in_no_menu_is_an_error(copy, tmp_path_factory):
    (copy / "docs/stray.md").write_text("# Stray\n")
    result = build(copy, tmp_path_factory.mktemp("site"))
    assert result.returncode != 0
    assert "stray.md" in result.stderr


def test_a_link_out_of_the_docs_becomes_the_name_of_the_file(site):
    page = (site / "benchmarks.html").read_text()
    assert "(<code>benchmarks/README.md</code>)" in page
    assert 'href="../benchmarks' not in page


def test_no_page_asks_for_anything_outside_the_site(site):
    class Asked(HTMLParser):
        def handle_starttag(self, tag, attributes):
            address = dict(attributes).get(ASKING.get(tag, ""))
            if address is not None:
                found.append(address)

    found: list[str] = []
    for page in site.glob("*.html"):
        Asked().feed(page.read_text())
    assert len(found) > 100
    assert [address for address in found if re.match(r"(\w+:)?//", address)] == []
    styles = "".join(path.read_text() for path in site.rglob("*.css"))
    assert re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//[^)]*", styles) == []


def contract() -> list[list[str]]:
    """The layers of the import contract, without the package's name."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    return [re.sub(r"fashiongen\.|\s", "", layer).split("|") for layer in layers]


def test_the_picture_shows_the_layers_of_the_contract_from_top_to_bottom():
    """Read back from the SVG: `make docs` draws it anew."""
    texts = ElementTree.parse(ROOT / "docs/images/layers.svg").getroot().iter(f"{SVG}text")
    rows: dict[int, list[str]] = {}
    for text in texts:
        if text.get("class") is None:
            rows.setdefault(int(text.attrib["y"]), []).append(text.text or "")
    assert [rows[y] for y in sorted(rows)] == contract()


def test_no_box_of_the_picture_touches_another_or_leaves_it():
    picture = ElementTree.parse(ROOT / "docs/images/layers.svg").getroot()
    width, height = (float(side) for side in picture.attrib["viewBox"].split()[2:])
    boxes = [
        [float(rect.attrib[name]) for name in ("x", "y", "width", "height")]
        for rect in picture.iter(f"{SVG}rect")
        if rect.get("class") is None
    ]
    assert len(boxes) == sum(map(len, contract()))
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
    apart = [
        a[0] + a[2] < b[0] or b[0] + b[2] < a[0] or a[1] + a[3] < b[1] or b[1] + b[3] < a[1]
        for index, a in enumerate(boxes)
        for b in boxes[:index]
    ]
    assert all(apart)


def test_the_architecture_says_what_each_layer_holds():
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "docs/architecture.md").read_text(), re.MULTILINE)
    assert [re.findall(r"`([\w]+)`", row) for row in rows] == contract()
