"""The board's page in a real browser: what its grid keeps in the document, and what it loses."""

import os
import shutil

import pytest
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from fashiongen.sources.standin.database import ACCOUNT, read_site
from fashiongen.sources.standin.faults import USUAL
from fashiongen.sources.standin.feed import promoted_pins

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not shutil.which("chromedriver"), reason="no Chromium driver"),
]

FLAGS = [
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--window-size=1366,900",
]
PATIENCE_S = 60  # a page that works needs a second of it, a loaded machine more
BOARD_GRID = "[data-test-id=base-board-pin-grid]"
LONG_BOARD = "/aurore/runway-ss26/"
PIN_IDS = f"return [...document.querySelectorAll('{BOARD_GRID} [data-test-pin-id]')].map(n => n.dataset.testPinId)"
SHOWN = (  # the ids, how many items there are, and the grid's height, all at one moment
    f"return [(() => {{ {PIN_IDS} }})(), document.querySelectorAll('[data-grid-item]').length,"
    f" document.querySelector('{BOARD_GRID} [role=list]').offsetHeight]"
)
# The grid asks for the next page of the feed until its end lies three screens below the one that is shown.
LOADED = (
    "const list = document.querySelector('" + BOARD_GRID + " [role=list]');"
    "return document.querySelector('.moreIdeasOnBoard') !== null"
    " || list.offsetHeight >= 4 * innerHeight - list.getBoundingClientRect().top"
)
DRAWN = "let left = 3; const next = () => left-- ? requestAnimationFrame(next) : arguments[0](); next()"
IDEAS_REACHED = (
    "const ideas = document.querySelector('.moreIdeasOnBoard');"
    "return ideas !== null && ideas.getBoundingClientRect().top < 0"
)


@pytest.fixture(scope="module")
def browser():
    """A headless Chromium that looks for nothing on the network."""
    options = webdriver.ChromeOptions()
    for flag in [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]:
        options.add_argument(flag)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SE_OFFLINE", "true")
        patch.setenv("SE_AVOID_STATS", "true")
        driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def member_browser(browser, site):
    """The browser after the login form took the account, and refused a wrong password."""
    browser.get(f"{site.url}/login/")
    submit_login(browser, "catwalk")
    refusal = browser.find_element(By.ID, "password-error")
    WebDriverWait(browser, PATIENCE_S).until(lambda page: "incorrect" in refusal.text)
    assert browser.current_url.endswith("/login/")
    submit_login(browser, ACCOUNT.password)
    WebDriverWait(browser, PATIENCE_S).until(lambda page: page.find_elements(By.ID, "HeaderContent"))
    return browser


def submit_login(browser, password):
    for name, text in (("email", ACCOUNT.email), ("password", password)):
        field = browser.find_element(By.ID, name)
        field.clear()
        field.send_keys(text)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()


def open_board(browser, site):
    browser.get(site.url + LONG_BOARD)
    WebDriverWait(browser, PATIENCE_S).until(lambda page: page.execute_script(PIN_IDS))


def feed_ids(site_folder):
    return {pin.id for pin in read_site(site_folder)[0].feed if pin.type == "pin"}


def scroll_down(browser, script):
    """Scroll, until "more ideas" pass the top; gives the browser each time that the grid has loaded and drawn."""
    while not browser.execute_script(IDEAS_REACHED):
        WebDriverWait(browser, PATIENCE_S).until(lambda page: page.execute_script(LOADED))
        browser.execute_async_script(DRAWN)
        yield browser
        browser.execute_script(script)


@pytest.mark.slow
def test_scrolling_slowly_shows_every_pin_but_few_at_a_time(member_browser, site, site_folder):
    open_board(member_browser, site)
    seen, counts, heights = set(), [], []
    for page in scroll_down(member_browser, "scrollBy(0, 0.8 * innerHeight)"):
        ids, count, height = page.execute_script(SHOWN)
        seen.update(ids)
        counts.append(count)
        heights.append(height)
    board = read_site(site_folder)[0]
    promoted = {pin.id for pin in promoted_pins(board, USUAL)}
    assert seen == promoted | feed_ids(site_folder)
    assert max(counts) <= 60
    assert heights == sorted(heights)


@pytest.mark.slow
def test_jumping_to_the_bottom_loses_pins(member_browser, site, site_folder):
    open_board(member_browser, site)
    seen = set()
    for page in scroll_down(member_browser, "scrollTo(0, document.documentElement.scrollHeight)"):
        seen.update(page.execute_script(PIN_IDS))
    assert feed_ids(site_folder) - seen


@pytest.mark.slow
def test_a_card_that_was_scrolled_away_goes_stale(member_browser, site):
    open_board(member_browser, site)
    card = member_browser.find_element(By.CSS_SELECTOR, "[data-grid-item]")
    member_browser.execute_script("scrollBy(0, 3 * innerHeight)")
    WebDriverWait(member_browser, PATIENCE_S).until(staleness_of(card))
    with pytest.raises(StaleElementReferenceException):
        card.is_displayed()


@pytest.mark.slow
def test_a_card_has_the_attributes_that_scrapers_know(member_browser, site):
    open_board(member_browser, site)
    image = WebDriverWait(member_browser, PATIENCE_S).until(
        lambda page: page.find_element(
            By.CSS_SELECTOR,
            "[role=list] div[role=listitem][data-grid-item] > div[data-test-id=pin][data-test-pin-id='577000000'] > "
            "[data-test-id=pinWrapper] > a[href='/pin/577000000/'][aria-label] [data-test-id=pinrep-image] img[srcset]",
        )
    )
    addresses = [part.split() for part in image.get_attribute("srcset").split(", ")]
    assert [density for _, density in addresses] == ["1x", "2x", "3x", "4x"]
    assert [url.split("/")[3] for url, _ in addresses] == ["236x", "474x", "736x", "originals"]
    assert image.get_attribute("src") == addresses[0][0]
    assert image.get_attribute("alt") == "A dress of the colour 0"


@pytest.mark.slow
def test_a_card_far_from_the_viewport_has_no_image_yet(member_browser, site):
    open_board(member_browser, site)
    sources = "return [...document.querySelectorAll('[data-test-id=pinrep-image] img')].map(n => n.getAttribute('src'))"
    WebDriverWait(member_browser, PATIENCE_S).until(lambda page: any(page.execute_script(sources)))
    assert "" in member_browser.execute_script(sources)


@pytest.mark.slow
def test_a_new_card_has_a_hidden_copy_for_a_moment(member_browser, site):
    open_board(member_browser, site)
    ids = member_browser.execute_async_script(
        "const done = arguments[0]; scrollBy(0, innerHeight);"
        f"requestAnimationFrame(() => requestAnimationFrame(() => done((() => {{ {PIN_IDS} }})())))"
    )
    assert len(set(ids)) < len(ids)
    WebDriverWait(member_browser, PATIENCE_S).until(lambda page: is_free_of_twins(page.execute_script(PIN_IDS)))


def is_free_of_twins(ids):
    return len(set(ids)) == len(ids)


@pytest.mark.slow
def test_modules_are_mixed_among_the_pins(member_browser, site):
    open_board(member_browser, site)
    member_browser.execute_script("scrollBy(0, 2 * innerHeight)")
    module = WebDriverWait(member_browser, PATIENCE_S).until(
        lambda page: page.find_element(By.CSS_SELECTOR, f"{BOARD_GRID} [data-grid-item] [data-test-id=story-module]")
    )
    assert module.find_element(By.TAG_NAME, "h2").text == "More products"
    assert not module.find_elements(By.CSS_SELECTOR, "[data-test-pin-id]")


@pytest.mark.slow
def test_ideas_below_the_board_never_end(member_browser, site):
    open_board(member_browser, site)
    member_browser.get(f"{site.url}/nord/fw25/")
    last = 0
    for _ in range(6):
        member_browser.execute_script("scrollTo(0, document.documentElement.scrollHeight)")
        WebDriverWait(member_browser, PATIENCE_S).until(
            lambda page, last=last: page.execute_script("return document.documentElement.scrollHeight") > last
        )
        last = member_browser.execute_script("return document.documentElement.scrollHeight")
    assert len(member_browser.find_elements(By.CSS_SELECTOR, f"{BOARD_GRID} [data-test-id=pin]")) == 0
    assert member_browser.find_elements(By.CSS_SELECTOR, ".moreIdeasOnBoard [data-test-id=secondaryBoardGrid] img")
