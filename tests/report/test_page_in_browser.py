"""The page as people meet it: in a real Chromium, on a screen and on a phone, by keyboard, in light and dark."""

import json
import math

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from fashiongen.report.page import render_page
from fashiongen.report.style import THEMES
from tests.pages import open_chromium, run_axe, set_view

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREEN, PHONE = (1280, 900), (380, 800)
SMALLEST_TEXT_PX = 10

# What is asked of the page itself.
ROOM = "const page = document.documentElement; return [page.scrollWidth, page.clientWidth]"
PAPER = "return getComputedStyle(document.body).backgroundColor"
FOREIGN_SCRIPT = """
const script = document.createElement("script");
script.textContent = "window.ran = true";
document.body.append(script);
return window.ran ?? false"""
PICTURES = """
const all = [...document.images], widths = () => all.map((one) => one.naturalWidth);
const done = arguments[0];
Promise.all(all.map((one) => one.decode())).then(() => done(widths()), (error) => done([String(error)]))"""
GROUPS = """
const heads = [...document.querySelectorAll("thead")].filter((head) => head.rows.length === 2);
const edges = (cell) => [cell.getBoundingClientRect().left, cell.getBoundingClientRect().right].map(Math.round);
return heads.flatMap((head) => {
  const below = [...head.rows[1].cells];
  return [...head.rows[0].cells].map((group) => {
    const columns = below.splice(0, group.colSpan);
    return [edges(group), [edges(columns[0])[0], edges(columns.at(-1))[1]]];
  });
});"""
BOXES = "return ['img', 'rect.label'].map((one) => arguments[0].querySelector(one).getBoundingClientRect().toJSON())"
TEXT_SIZES = """
const has_text = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
const scale = (one) => (one.ownerSVGElement ? one.getScreenCTM().a : 1);
const shown = [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && has_text(one));
return shown.map((one) => parseFloat(getComputedStyle(one).fontSize) * scale(one))"""


@pytest.fixture(scope="module")
def address(report_data, published, figures, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(render_page(report_data, published, figures), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A Chromium that logs what it says and what it asks for."""
    with open_chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def open_page(browser, address):
    """Opens the page on a light screen, perhaps without scripts, for a test that changes it or follows its loading."""

    def open_(*, scripts=True) -> Chrome:
        set_view(browser, SCREEN, "light")
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        for log in ("browser", "performance"):
            browser.get_log(log)  # what came before
        browser.get(address)
        return browser

    yield open_
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    browser.get("about:blank")


@pytest.fixture
def view(browser, address):
    """Shows the page at a size and in a colour scheme, for tests that change nothing: it is opened once for all."""

    def view(size=SCREEN, *, scheme="light") -> Chrome:
        set_view(browser, size, scheme)
        if browser.current_url != address:
            browser.get(address)
        return browser

    return view


def find_training(driver, variant):
    """The slider of a variant's epochs, and the article around it."""
    for article in driver.find_elements(By.CSS_SELECTOR, "article:has([data-epoch])"):
        if article.find_element(By.TAG_NAME, "h3").text.startswith(variant):
            return article.find_element(By.CSS_SELECTOR, "input[type=range]"), article
    raise AssertionError(variant)


def shown_epochs(within):
    grids = within.find_elements(By.CSS_SELECTOR, "[data-epoch]")
    return [int(grid.get_attribute("data-epoch")) for grid in grids if grid.is_displayed()]


def read_outputs(article):
    return {one.get_attribute("data-line"): one.text for one in article.find_elements(By.CSS_SELECTOR, "[data-line]")}


def test_every_picture_loads(view):
    widths = view().execute_async_script(PICTURES)
    assert len(widths) > 50
    assert all(width > 1 for width in widths), widths


def test_a_phone_shows_it_whole_and_legibly(view):
    driver = view(PHONE)
    wide, room = driver.execute_script(ROOM)
    assert wide == room <= PHONE[0]
    sizes = driver.execute_script(TEXT_SIZES)
    assert len(sizes) > 100
    assert min(sizes) >= SMALLEST_TEXT_PX


@pytest.mark.parametrize("size", [SCREEN, PHONE], ids=["screen", "phone"])
def test_a_group_of_columns_stands_over_its_own(view, size):
    groups = view(size).execute_script(GROUPS)
    assert len(groups) > 8
    assert all(group == columns for group, columns in groups), groups


@pytest.mark.parametrize(("size", "scheme"), [(SCREEN, "light"), (PHONE, "dark")], ids=["screen-light", "phone-dark"])
def test_axe_finds_no_barrier(view, size, scheme):
    driver = view(size, scheme=scheme)
    found = run_axe(driver)
    assert len(found["passes"]) > 20
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []


def test_both_schemes_have_their_paper(view):
    papers = [view(scheme=scheme).execute_script(PAPER) for scheme in ("light", "dark")]
    assert papers == [f"rgb{tuple(bytes.fromhex(theme.paper[1:]))}" for theme in THEMES]


def test_asks_for_nothing_and_complains_of_nothing(open_page, address):
    driver = open_page()
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = {one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith("data:")} == {address}
    assert driver.get_log("browser") == []


def test_its_policy_stops_a_script_that_is_not_its_own(open_page):
    driver = open_page()
    assert driver.execute_script(FOREIGN_SCRIPT) is False
    assert any("Content Security Policy" in entry["message"] for entry in driver.get_log("browser"))


def test_the_keyboard_moves_through_the_epochs(open_page, report_data):
    history = report_data.generators["original"].history
    slider, article = find_training(open_page(), "original")
    assert shown_epochs(article) == [12]
    slider.send_keys(Keys.HOME)
    assert shown_epochs(article) == [2]  # the first that there is
    for _ in range(6):
        slider.send_keys(Keys.ARROW_RIGHT)
    assert shown_epochs(article) == [6]  # there is none of epoch 7
    assert slider.get_attribute("aria-valuetext") == "epoch 7"
    assert read_outputs(article) == {
        "Loss_G": f"{history[6].Loss_G:.3f}",
        "Loss_D": f"{history[6].Loss_D:.3f}",
        "D(x)": "0.700",
        "D(G(z))": "0.300",
    }


def test_a_pointer_over_the_losses_moves_the_epoch(open_page):
    driver = open_page()
    slider, article = find_training(driver, "cropped")
    plot = article.find_element(By.TAG_NAME, "svg")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", plot)
    ActionChains(driver).move_to_element_with_offset(plot, -plot.rect["width"] // 2 + 2, 0).perform()
    assert slider.get_attribute("value") == "0"
    assert shown_epochs(article) == [2]


def test_a_detectors_curve_is_chosen_from_a_list(open_page, report_data):
    driver = open_page()
    panels = driver.find_elements(By.CSS_SELECTOR, "[data-panel]")
    choice = Select(driver.find_element(By.CSS_SELECTOR, "select"))
    assert choice.first_selected_option.text == "ResNet-34"
    for name, text in (("resnet34", None), ("resnet18", "ResNet-18")):
        if text:
            choice.select_by_visible_text(text)
        assert [panel.get_attribute("data-panel") for panel in panels if panel.is_displayed()] == [f"precision-{name}"]
    (shown,) = (panel for panel in panels if panel.is_displayed())
    shown.find_element(By.TAG_NAME, "input").send_keys(Keys.END)
    last = [point for point in report_data.detector.curves["resnet18"] if math.isclose(point.recall, 1)]
    assert read_outputs(shown) == {point.category: f"{point.precision:.3f}" for point in last}


def test_a_prediction_opens_with_all_its_boxes_by_the_keyboard_and_without_scripts(open_page, report_data):
    driver = open_page(scripts=False)
    buttons = driver.find_elements(By.CSS_SELECTOR, ".predictions button")
    dialogs = driver.find_elements(By.CSS_SELECTOR, ".boxes")
    assert len(buttons) == len(dialogs) == len(report_data.detector.predictions) == 3
    assert not any(dialog.is_displayed() for dialog in dialogs)
    buttons[0].send_keys(Keys.ENTER)
    assert [dialog.is_displayed() for dialog in dialogs] == [True, False, False]
    rows = [row.text for row in dialogs[0].find_elements(By.CSS_SELECTOR, "tbody tr")]
    assert rows == ["1 upper 0.90 0.50 classification", "2 full 0.60 1.00 correct"]
    drawn, label = driver.execute_script(BOXES, dialogs[0])
    places = [(label[side] - drawn[side]) / drawn["width"] for side in ("x", "y")]
    assert places == pytest.approx([0.2, 0.1], abs=0.02)
    assert label["height"] / drawn["height"] == pytest.approx(0.8, abs=0.02)
    ActionChains(driver).send_keys(Keys.ESCAPE).perform()
    assert not dialogs[0].is_displayed()


def test_axe_finds_no_barrier_in_an_open_prediction(open_page):
    driver = open_page()
    button, dialog = (driver.find_elements(By.CSS_SELECTOR, one)[0] for one in (".predictions button", ".boxes"))
    button.send_keys(Keys.ENTER)
    found = run_axe(driver, dialog)
    assert len(found["passes"]) > 3
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]] == []


def test_without_scripts_it_shows_the_last_epoch_and_no_dead_control(open_page):
    driver = open_page(scripts=False)
    assert shown_epochs(driver) == [12, 12, 12]
    controls = driver.find_elements(By.CSS_SELECTOR, "input, select")
    assert controls
    assert not any(control.is_displayed() for control in controls)
    assert all(line.is_displayed() for line in driver.find_elements(By.CSS_SELECTOR, "article svg polyline"))
