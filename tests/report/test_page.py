"""The page loads nothing, its pictures decode, and its numbers are those of the metrics."""

import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO

import pytest
from PIL import Image

from fashiongen.report.figures import draw_figures
from fashiongen.report.names import duration
from fashiongen.report.page import build_tables, render_markdown, render_page

pytestmark = pytest.mark.slow

MAX_BYTES = 15_000_000


class Tags(HTMLParser):
    """Every start tag with its attributes, and the text of every table cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self._in_cell = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._in_cell = tag in {"td", "th"}
        if self._in_cell:
            self.cells.append("")

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag not in {"td", "th"}

    def handle_data(self, data):
        if self._in_cell:
            self.cells[-1] += data


@pytest.fixture(scope="module")
def render(published, figures):
    """Renders the page of changed data around the figures of the whole run."""
    return lambda report_data: render_page(report_data, published, figures)


@pytest.fixture(scope="module")
def page(report_data, render) -> str:
    return render(report_data)


def test_the_page_loads_nothing(page):
    tags = Tags(page).tags
    sources = [value for _, attributes in tags for name, value in attributes.items() if name in {"src", "srcset"}]
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert all(link["href"].startswith("#") for tag, link in tags if tag == "a")
    assert not {tag for tag, _ in tags} & {"link", "iframe", "object", "embed"}
    assert {attributes.get("type") for tag, attributes in tags if tag == "script"} == {None, "application/json"}
    assert all(address.startswith('"data:') for address in re.findall(r"url\(([^)]{1,20})", page))
    assert "@import" not in page


def test_every_picture_of_the_page_decodes_at_the_size_it_announces(page):
    for tag, attributes in Tags(page).tags:
        if tag == "img":
            with Image.open(BytesIO(b64decode(attributes["src"].split(",")[1]))) as image:
                image.load()
                assert image.size == (int(attributes["width"]), int(attributes["height"]))
            assert attributes["alt"]


def test_every_anchor_leads_to_a_chapter(page):
    tags = Tags(page).tags
    ids = {attributes["id"] for tag, attributes in tags if tag == "section" and "id" in attributes}
    assert {attributes["href"].removeprefix("#") for tag, attributes in tags if tag == "a"} == ids


def test_the_page_is_small_enough_to_send(page):
    assert len(page.encode()) < MAX_BYTES


def test_the_tables_of_the_page_are_those_of_the_metrics(page, report_data, published):
    shown = Tags(page).cells
    for name, table in build_tables(report_data, published).items():
        if name != "images":  # the page shows these in large type
            wanted = [cell for row in table.rows for cell in row]
            start = next(place for place in range(len(shown)) if shown[place : place + len(wanted)] == wanted)
            assert start, name


def test_the_pipeline_at_a_glance_has_the_numbers_of_each_stage(page, data, crops, report_data):
    numbers = dict(re.findall(r"<code>(\w+)</code><b>(.*?)</b>", page))
    labelled, best = data.train_annotations + data.val_annotations, report_data.detector.statistics["resnet34"]["AP"]
    assert numbers == {
        "scrape": f"{data.saved:,}",
        "dedup": f"{data.distinct:,}",
        "crop_pinterest": f"{crops.crops:,}",
        "train_dcgan": "3",
        "deepfashion_to_coco": f"{labelled:,}",
        "train_detector": "3",
        "select_detector": f"{best:.3f}",
        "evaluate": "0.0412",
    }


def test_a_stage_s_time_is_that_of_all_its_items(page, report_data):
    together = sum(cost.wall_s for name, cost in report_data.costs.stages.items() if name.startswith("train_detector@"))
    assert f"the study 3; {duration(together)} here" in page
    assert "the study 3; 0 s here" not in page  # of train_dcgan nothing was measured


def test_a_profile_without_recorded_costs_says_how_to_record_them(report_data, render):
    page = render(replace(report_data, costs=None))
    assert "were not recorded: <code>fashiongen costs</code>" in page
    assert "What the run took" not in page


def test_the_markdown_has_every_table(report_data, published):
    text = render_markdown(report_data, published)
    for table in build_tables(report_data, published).values():
        for row in table.rows:
            assert f"| {' | '.join(row)} |" in text


def test_both_forms_give_the_same_answers(page, report_data, published):
    cropping, own_kind, copying = re.findall(r'<p class="answer">(.*?)</p>', page)
    text = render_markdown(report_data, published)
    assert f"## Does cropping help? {cropping}" in text
    assert f"### And a garment without its background? {own_kind}" in text
    assert f"## Do they copy? {copying}" in text


def test_text_from_the_boards_stays_text(report_data, render, crops):
    """A brand's name comes from outside, and must not become markup; nor may what stands in params.yaml."""
    brands = {"<script>alert(1)</script>": next(iter(crops.brands.values()))}
    hostile = replace(report_data, crops=crops.model_copy(update={"brands": brands}), params=next(iter(brands)))
    page = render(hostile)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert") == 2  # in its row, and in the settings


def test_every_prediction_has_its_boxes_and_a_path_stays_text(page, report_data):
    tags = Tags(page).tags
    kinds = [attributes.get("class") for tag, attributes in tags if tag == "rect"]
    records = [one.record for one in report_data.detector.predictions]
    shown_small = sum(1 for one in records if one.found)
    assert kinds.count("label") >= 2 * len(records)
    assert kinds.count("found") == shown_small + sum(len(one.found) for one in records)
    assert "<p>Nothing was found.</p>" in page
    assert "<code>img/&lt;b&gt;1&lt;/b&gt;.jpg</code>" in page
    assert "<b>1</b>.jpg" not in page


def test_the_page_does_without_two_of_the_three_variants(report_data, published):
    only = {"original": report_data.dcgan.variants["original"]}
    dcgan = report_data.dcgan.model_copy(update={"variants": only})
    generators = {"original": report_data.generators["original"]}
    fewer = replace(report_data, dcgan=dcgan, generators=generators)
    figures = draw_figures(fewer, published)
    assert "Not measured." in render_page(fewer, published, figures)
    assert "cropped_and_subset" not in figures.sheets


def test_another_variant_is_described_by_its_query(report_data, published, made_up):
    """The README's fourth network, whose epochs were not all drawn, from one seed where others have two."""
    query = made_up.make_query("cropped").model_copy(update={"brand": "Kōmori", "season": "SS26"})
    cropped = report_data.dcgan.variants["cropped"]
    two = cropped.model_copy(update={"KID_by_seed": {"7": 0.04, "8": 0.05}})
    variants = report_data.dcgan.variants | {"cropped": two, "subset": two, "komori": cropped}
    more = {
        "dcgan": report_data.dcgan.model_copy(update={"variants": variants}),
        "generators": {**report_data.generators, "komori": replace(report_data.generators["cropped"], query=query)},
    }
    changed = replace(report_data, **more)
    page = render_page(changed, published, draw_figures(changed, published))
    assert "Four networks learned" in page
    assert "<em>komori</em> learns from crops labelled full of Kōmori, SS26." in page
    assert "The interval above shows how far another seed moves the result" in page


def test_the_page_says_which_epoch_is_measured_and_shows_it(page, made_up):
    assert page.count(f"kept: epoch {made_up.KEPT_EPOCH}<") == 3
    assert page.count(f"Generated after epoch {made_up.KEPT_EPOCH}: the generator that is kept.") == 3
    assert f"Generated, subset, epoch {made_up.KEPT_EPOCH}." in page


def test_the_page_does_without_removals(report_data, render):
    assert "Removed images, each beside the image" not in render(replace(report_data, removals=[]))


def test_the_same_evidence_gives_the_same_page(page, report_data, render):
    assert render(report_data) == page


def test_each_season_is_a_stack_of_its_colours(page, report_data):
    tags = Tags(page).tags
    seasons = [season for one in report_data.trends for season in one.seasons]
    stacks = [attributes["aria-label"] for _, attributes in tags if attributes.get("role") == "img"]
    names = "marine 50 %, eggshell 37.5 %, scarlet 12.5 %"
    assert [stack for stack in stacks if "marine" in stack] == [f"{one.season}: {names}" for one in seasons]
    shown = [(attributes["style"], attributes["title"]) for tag, attributes in tags if tag == "i"]
    assert shown[:2] == [
        ("flex-grow: 0.5; background: #1f2a44", "marine, 50 %"),
        ("flex-grow: 0.375; background: #f4f0e6", "eggshell, 37.5 %"),
    ]
    assert len(shown) == 3 * len(seasons)


def test_both_forms_say_what_changed_whom_a_brand_follows_and_what_comes_next(page, report_data, published):
    for text in (page, render_markdown(report_data, published)):
        assert "Lightness: falls from 0.80 in SS26 to 0.25 in FW26." in text
        assert "Follows Atelier Nord by a season in lightness" in text
        assert "0.45 (0.30 to 0.60)" in text
        assert "no better than last season" in text


def test_a_series_shows_the_intervals_that_there_are_and_its_forecast(page):
    tags = [attributes.get("class") for tag, attributes in Tags(page).tags if tag == "path"]
    assert tags.count("fan") == tags.count("ahead") == 2
    assert tags.count("series") == 3 * 4 + 1  # four measures of each, and the one that changed


def test_what_is_proposed_is_shown_with_its_generator(page):
    alts = [attributes.get("alt", "") for tag, attributes in Tags(page).tags if tag == "img"]
    assert alts.count("A garment proposed for SS27, in marine") == 1
    assert "are drawn by the generator “cutout”" in page


def test_a_brands_name_stays_a_name_among_the_seasons(report_data, render):
    (first, *_) = report_data.trends
    page = render(replace(report_data, trends=[replace(first, brand="<script>alert(1)</script>")]))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_without_seasons_it_says_so(report_data, render, published):
    none = replace(report_data, trends=[], distances=[])
    for text in (render(none), render_markdown(none, published)):
        assert "No garment has a cut-out and a season that can be read" in text
