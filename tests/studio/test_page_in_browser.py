"""The studio as people meet it: in a real Chromium, by mouse and by keyboard, on a phone and on a wide screen."""

import io
import json
import threading
import time

import pytest
import uvicorn
from PIL import Image
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import ActionChains, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from fashiongen.studio.records import Question
from fashiongen.studio.server import address_of, listen
from tests.pages import open_chromium, run_axe, set_view
from tests.studio.test_photographs import photograph

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREEN, PHONE, WIDE = (1280, 900), (380, 800), (2560, 1440)
VIEWS = ("explore", "shape", "mix", "photograph", "kept")
MOST_TILES = 100
PATIENCE_S = 20
SMALLEST_TARGET_PX = 24
SET = """
const [field, value, event] = arguments;
field.value = value;
field.dispatchEvent(new Event(event, { bubbles: true }));"""
IN_FIRST_ROW = """
const tops = [...document.querySelectorAll(".wall .tile")].map((one) => one.getBoundingClientRect().top);
return tops.filter((top) => top === tops[0]).length;"""
ATTRIBUTES = """
const [selector, attribute] = arguments;
return [...document.querySelectorAll(selector)].map((one) => one.getAttribute(attribute));"""
FINDS = 'return performance.getEntriesByType("resource").filter((one) => one.name.endsWith("/api/find")).length'
SMALLEST_SIDE = """
const fields = "button, select, input:not([type=radio], [type=checkbox])";
const shown = [...document.querySelectorAll(fields)].filter((one) => one.checkVisibility());
return Math.min(...shown.map((one) => Math.min(one.offsetWidth, one.offsetHeight)));"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with open_chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


class Page:
    """The page of a studio that runs."""

    def __init__(self, driver, address, downloads):
        self.driver, self.address, self.downloads = driver, address, downloads

    def resize(self, size=SCREEN, scheme="light"):
        set_view(self.driver, size, scheme)

    def open(self, view="explore"):
        self.driver.get("about:blank")
        self.driver.get(f"{self.address}/#{view}")
        self.wait(lambda: self.all("main > *"))
        if view == "explore":
            self.wait(lambda: len(self.all(".tile:not(.waiting)")) > 8)
        return self

    def enter(self, view):
        self.one(f'nav [data-view="{view}"]').click()
        self.wait(lambda: self.all(f'main[data-view="{view}"] > *'))

    def wait(self, condition):
        """The first true value of a condition; elements that are drawn anew meanwhile are looked for again."""
        waiting = WebDriverWait(self.driver, PATIENCE_S, 0.05, [StaleElementReferenceException])
        return waiting.until(lambda _: condition())

    def click(self, find):
        """Clicks what a function finds, though it may be drawn anew in between."""
        self.wait(lambda: find().click() or True)

    def set(self, selector, value, event="change", place=0):
        """Gives a field a value, as a person does with the mouse."""
        self.run(SET, self.all(selector)[place], value, event)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.wait(lambda: next(iter(self.all(selector)), None))

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def each(self, selector, attribute):
        """An attribute of all that a selector finds, read at one moment."""
        return self.run(ATTRIBUTES, selector, attribute)

    def button(self, text, within="body"):
        """The visible button with a text."""

        def find():
            found = [one for one in self.all(f"{within} button, {within} summary") if one.text == text]
            return next((one for one in found if one.is_displayed()), None)

        return self.wait(find)

    def tile(self, place):
        return self.one(f'.wall [data-place="{place}"]:not(.waiting)')

    def on_tile(self, place, does):
        return self.tile(place).find_element(By.CSS_SELECTOR, f'[data-does="{does}"]')

    def keep(self, places):
        """Keeps garments of the wall."""
        for place in places:
            self.click(lambda place=place: self.on_tile(place, "keep"))
            self.wait(lambda place=place: self.on_tile(place, "keep").text == "Kept")

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    @property
    def says(self):
        return self.one("#says").get_attribute("textContent")

    def says_soon(self, text):
        self.wait(lambda: text in self.says)

    def saved(self):
        """The content of the one file that was saved."""

        def whole():
            files = [path for path in self.downloads.iterdir() if not path.name.endswith(".crdownload")]
            return files and files[0].stat().st_size and files[0]

        path = self.wait(whole)
        content = path.read_bytes()
        path.unlink()
        return path.name, content


@pytest.fixture
def page(browser, app, tmp_path):
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        downloads = tmp_path / "downloads"
        downloads.mkdir()
        browser.execute_cdp_cmd("Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
        for log in ("browser", "performance"):
            browser.get_log(log)
        opened = Page(browser, address_of(listener), downloads)
        opened.server = server
        opened.resize()
        yield opened
        browser.get("about:blank")
        server.should_exit = True
        thread.join()


def test_it_asks_its_own_server_alone_complains_of_nothing_and_has_no_words_of_training(page):
    jargon = {"latent", "truncation", "epoch", "checkpoint", "tensor", "gan", "seed", "loss", "inference", "oklab"}
    for view in VIEWS:
        page.open(view)
        time.sleep(0.5)
        assert not set(page.one("body").text.lower().split()) & jargon
    messages = [json.loads(entry["message"])["message"] for entry in page.driver.get_log("performance")]
    asked = {one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"}
    assert {url for url in asked if not url.startswith(("data:", "blob:", page.address))} <= {"about:blank"}
    assert page.driver.get_log("browser") == []


def test_the_wall_has_no_end_and_few_tiles(page):
    page.open()
    (first,) = page.each('.wall [data-place="3"] img', "src")
    for _ in range(6):
        page.run("scrollBy(0, 4000)")
        page.wait(lambda: not page.all(".wall .waiting"))
        assert 8 < len(page.all(".wall .tile")) <= MOST_TILES
    page.wait(lambda: min(map(int, page.each(".wall .tile", "data-place"))) > 150)
    page.run("scrollTo(0, 0)")
    page.wait(lambda: page.each('.wall [data-place="3"] img', "src") == [first])


def test_the_wall_is_of_a_network_a_number_and_a_daring(page):
    page.open()

    def first():
        return next(iter(page.each('.wall [data-place="0"] img', "src")), None)

    before = first()
    page.set("input[type=number]", "8")
    page.wait(lambda: first() != before)
    page.set("input[type=number]", "7")
    page.wait(lambda: first() == before)
    page.set(".range input", "1.2")
    page.wait(lambda: first() != before)
    Select(page.one("#variant")).select_by_visible_text("Garments with their background")
    page.wait(lambda: first() != before)


def test_a_garment_opens_with_its_record(page):
    page.open()
    page.click(lambda: page.on_tile(2, "open"))
    page.wait(lambda: "What the detector sees".upper() in page.one("#garment").text)
    text = page.one("#garment").text
    assert "full-length garment (90 % sure)".upper() in text.upper()
    assert "Number 3 of wall 7, daring 0.8" in text
    page.click(lambda: page.button("Show where", "#garment"))
    assert page.one("#garment .box").is_displayed()
    page.click(lambda: page.button("Record", "#garment"))
    assert json.loads(page.one("#garment pre").text)["weights_sha256"] == "0" * 64
    page.press(Keys.ESCAPE)
    page.wait(lambda: not page.all("#garment[open]"))


def test_kept_garments_are_marked_searched_and_there_after_a_reload(page, collection):
    page.open()
    page.keep((0, 1, 2))
    assert page.one("#kept-count").text == "3"
    page.click(lambda: page.on_tile(1, "open"))
    page.one("#marks textarea").send_keys("for Ana <img src=x onerror=alert(1)>", Keys.TAB)
    page.says_soon("Saved")
    page.one("#marks input[list=boards]").send_keys("Autumn, Gala", Keys.TAB)
    page.click(lambda: page.one('#marks input[value="4"]'))
    page.wait(lambda: collection.find(Question(board="Gala"))[0] == 1)
    page.wait(lambda: collection.find(Question(order="rating"))[1][0].rating == 4)
    page.open("kept")
    page.wait(lambda: len(page.all(".wall .tile:not(.waiting)")) == 3)
    page.one("input[type=search]").send_keys("ana autumn")
    page.wait(lambda: len(page.all(".wall .tile:not(.waiting)")) == 1)
    page.click(lambda: page.on_tile(0, "open"))
    assert page.one("#marks textarea").get_attribute("value") == "for Ana <img src=x onerror=alert(1)>"
    assert "same to the byte" in page.one("#marks").text
    page.click(lambda: page.button("Take it out", "#garment"))
    page.wait(lambda: page.one("#kept-count").text == "2")
    page.press(Keys.ESCAPE)
    page.press("u")
    page.wait(lambda: page.one("#kept-count").text == "3")
    page.click(lambda: page.button("The whole collection: history, export, import"))
    page.wait(lambda: page.all("#history .undone"))


def test_garments_are_found_by_colour(page, collection):
    page.open()
    page.keep(range(6))
    page.enter("kept")
    page.wait(lambda: len(page.all(".wall .tile:not(.waiting)")) == 6)
    newest = page.each(".wall .tile img", "src")
    page.set(".bar input[type=color]", "#202020")

    def shown():
        return page.each(".wall .tile img", "src")

    near = [garment.id for garment in collection.find(Question(), near=(0.25, 0.0, 0.0))[1]]
    page.wait(lambda: f"/kept/{near[0]}.png?" in "".join(shown()[:1]))
    assert sorted(shown()) == sorted(newest)


def test_sliders_and_colours_change_a_garment_and_names_stay(page):
    page.open("shape")
    page.wait(lambda: len(page.all(".slider")) >= 8)
    page.wait(lambda: len(page.all(".near .picture")) == 15)

    def pictures():
        return page.each(".shape .big img, .near img", "src")

    before = pictures()
    page.set(".slider input[type=range]", 3, "input")
    page.wait(
        lambda: len(pictures()) == 16 and all(one != other for one, other in zip(pictures(), before, strict=True))
    )
    page.set(".slider input[type=range]", 0, "input")
    page.wait(lambda: pictures() == before)
    page.click(lambda: page.all(".slider button")[1])
    page.one(".ends input").send_keys("Swing", Keys.ENTER)
    page.wait(lambda: page.all(".slider b"))
    page.set(".colours input", "#204080")
    page.says_soon("Whole garment in #204080")
    assert "blue" in page.one(".shape .big p").text.lower()
    page.click(lambda: page.button("Back"))
    page.wait(lambda: pictures()[0] == before[0])
    page.open("shape")
    page.wait(lambda: [one.text for one in page.all(".slider b")] == ["Swing"])


def test_garments_are_mixed_walked_between_and_borrowed_from(page):
    page.open("mix")
    assert "Mix two to four garments" in page.one("main").text
    page.click(lambda: page.button("To the wall"))
    for place in (0, 3):
        page.click(lambda place=place: page.on_tile(place, "mix"))
    page.enter("mix")
    page.wait(lambda: page.all(".result .picture"))
    page.wait(lambda: len(page.all(".way .picture")) == 9)
    halves = page.one(".result img").get_attribute("src")
    page.set(".part input[type=range]", 0, "input", place=1)
    page.wait(lambda: page.one(".result img").get_attribute("src") != halves)
    assert page.one(".result img").get_attribute("src") == page.one(".part img").get_attribute("src")
    page.click(lambda: page.button("Try it"))
    page.wait(lambda: "in its colours" in page.one("main").text)
    page.click(lambda: page.button("Save as GIF"))
    name, content = page.saved()
    assert name.endswith(".gif")
    assert Image.open(io.BytesIO(content)).n_frames > 20


def test_a_photograph_gives_the_nearest_garment(page, tmp_path):
    photo = tmp_path / "Ünï 1.jpg"
    photograph().save(photo)
    page.open("photograph")
    page.one("input[type=file]").send_keys(str(photo))
    page.wait(lambda: len(page.all(".found figure")) == 3)
    assert "Full-length garment, 90 % sure" in page.one(".found").text
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(photo.read_bytes()[:2000])
    page.one("input[type=file]").send_keys(str(broken))
    page.says_soon("this picture is damaged")


def test_garments_are_taken_away(page):
    page.open()
    page.click(lambda: page.on_tile(0, "open"))
    page.click(lambda: page.button("Take away", "#garment"))
    selects = [Select(one) for one in page.all("#garment select")]
    selects[1].select_by_value("4")
    selects[2].select_by_value("transparent")
    page.click(lambda: page.button("Save", "#garment"))
    _, content = page.saved()
    image = Image.open(io.BytesIO(content))
    assert (image.size, image.mode) == ((128, 256), "RGBA")
    assert json.loads(image.text["fashiongen"])["variant"] == "cutout"
    page.press(Keys.ESCAPE)
    page.keep((0, 1))
    page.enter("kept")
    for place in (0, 1):
        page.click(lambda place=place: page.tile(place).find_element(By.CSS_SELECTOR, "input"))
    page.click(lambda: page.button("Take away", ".selection"))
    Select(page.one(".selection select")).select_by_value("pdf")
    page.click(lambda: page.button("Save", ".selection"))
    assert page.saved()[1].startswith(b"%PDF-")


def test_everything_by_keyboard(page):
    page.open()
    page.tile(0).find_element(By.TAG_NAME, "button").send_keys(Keys.ARROW_RIGHT)
    page.press(Keys.ARROW_DOWN)
    focused = page.run("return document.activeElement.closest('.tile').dataset.place")
    columns = page.run(IN_FIRST_ROW)
    assert int(focused) == columns + 1
    page.press("k")
    page.wait(lambda: page.on_tile(focused, "keep").text == "Kept")
    page.press("s")
    page.wait(lambda: page.on_tile(focused, "keep").text == "★ Kept")
    page.press("u")
    page.wait(lambda: page.on_tile(focused, "keep").text == "Kept")
    page.press("r")
    page.wait(lambda: page.on_tile(focused, "keep").text == "★ Kept")
    page.press("m")
    page.wait(lambda: page.one("#mix-count").text == "1")
    page.press(Keys.ENTER)
    page.wait(lambda: page.all("#garment[open]"))
    page.press(Keys.ESCAPE)
    page.wait(lambda: not page.all("#garment[open]"))
    assert page.run("return document.activeElement.closest('.tile').dataset.place") == focused
    page.click(lambda: page.on_tile(0, "keep"))
    page.press("m")  # of the garment that was clicked
    page.wait(lambda: page.on_tile(0, "mix").text == "In mix")
    page.press("l")
    page.wait(lambda: page.all(".likes .picture"))
    page.press("?")
    assert page.one("#keys").is_displayed()
    page.press(Keys.ESCAPE)
    for number, view in enumerate(VIEWS, start=1):
        page.press(str(number))
        page.wait(lambda view=view: page.one("main").get_attribute("data-view") == view)
    page.one("input[type=search]").send_keys("sum?u1")  # typed, not pressed
    assert page.one("main").get_attribute("data-view") == "kept"


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (WIDE, "light")], ids=["phone", "wide"])
def test_axe_finds_no_barrier_and_nothing_is_cut_off(page, size, scheme):
    page.resize(size, scheme)
    page.open()
    for place in (0, 1):
        page.click(lambda place=place: page.on_tile(place, "keep"))
        page.click(lambda place=place: page.on_tile(place, "mix"))
        page.wait(lambda place=place: page.on_tile(place, "keep").text == "Kept")
    assert len(page.all(".wall .tile")) <= MOST_TILES
    for view in (*VIEWS, "garment"):
        if view == "garment":
            page.enter("explore")
            page.click(lambda: page.on_tile(0, "open"))
            page.wait(lambda: page.all("#marks textarea"))
        else:
            page.enter(view)
            page.wait(
                lambda view=view: page.all(
                    {"shape": ".slider", "mix": ".way .picture", "kept": ".wall .picture"}.get(view, "main > *")
                )
            )
        found = run_axe(page.driver)
        problems = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
        assert problems == [], view
        where = "document.getElementById('garment')" if view == "garment" else "document.documentElement"
        view_px, page_px = page.run(f"const one = {where}; return [one.clientWidth, one.scrollWidth]")
        assert page_px <= view_px, view
        assert page.run(SMALLEST_SIDE) >= SMALLEST_TARGET_PX, view


def test_a_note_is_kept_without_leaving_it_and_over_other_clicks(page, collection):
    page.open()
    page.keep([0])
    page.click(lambda: page.on_tile(0, "open"))
    page.one("#marks textarea").send_keys("half a th")
    page.click(lambda: page.button("Star", "#garment"))
    page.wait(lambda: page.button("★ Starred", "#garment"))
    page.one("#marks textarea").send_keys("ought")
    page.wait(lambda: collection.find(Question())[1][0].note == "half a thought")
    page.one("#marks textarea").send_keys(" more")
    page.driver.get("about:blank")
    page.wait(lambda: collection.find(Question())[1][0].note == "half a thought more")


def test_a_click_is_not_lost_to_what_changes_while_the_button_is_down(page, collection):
    page.open()
    page.keep([0])
    page.click(lambda: page.on_tile(0, "open"))
    page.one("#marks textarea").send_keys("silk")
    hold(page, page.button("Star", "#garment"))  # the note is left, and saved
    page.says_soon("Saved")
    let_go(page)
    page.wait(lambda: collection.find(Question())[1][0].starred)

    page.click(lambda: page.button("×", "#garment"))
    page.enter("kept")
    hold(page, page.on_tile(0, "keep"))
    asked = page.run(FINDS)
    page.set('input[type="search"]', "silk", "input")  # the answer is another wall
    page.wait(lambda: page.run(FINDS) > asked)
    let_go(page)
    page.wait(lambda: not collection.find(Question())[1])


def hold(page, button):
    ActionChains(page.driver).click_and_hold(button).perform()


def let_go(page):
    ActionChains(page.driver).release().perform()


def test_a_reload_and_the_way_back_lose_nothing(page):
    page.open()
    for place in (0, 1):
        page.click(lambda place=place: page.on_tile(place, "mix"))
    page.run("scrollBy(0, 3000)")
    page.wait(lambda: not page.all(".wall .waiting") and page.run("return scrollY") > 2000)
    scrolled = page.run("return scrollY")
    page.click(lambda: page.all(".wall .picture")[20])
    page.click(lambda: page.button("Shape", "#garment"))
    page.wait(lambda: page.all(".near .picture"))
    shaped = page.one(".shape .big img").get_attribute("src")
    page.driver.refresh()
    page.wait(lambda: page.all(".near .picture"))
    assert page.one(".shape .big img").get_attribute("src") == shaped
    assert page.one("#mix-count").text == "2"
    page.enter("explore")
    page.click(lambda: page.on_tile(0, "open"))
    page.driver.back()
    page.wait(lambda: not page.all("#garment[open]"))
    page.enter("explore")
    page.run("scrollTo(0, arguments[0])", scrolled)
    page.wait(lambda: page.run("return scrollY") == scrolled)
    page.enter("kept")
    page.enter("explore")
    page.wait(lambda: page.run("return scrollY") == scrolled)


def test_a_step_of_shaping_is_taken_back_before_what_was_kept(page):
    page.open("shape")
    page.wait(lambda: len(page.all(".slider")) >= 8 and len(page.all(".near .picture")) == 15)
    page.click(lambda: page.button("Keep"))
    page.wait(lambda: page.button("Take it out"))
    before = page.one(".shape .big img").get_attribute("src")
    page.set(".slider input[type=range]", 3, "input")
    page.set(".slider input[type=range]", 3, "change")
    page.wait(lambda: page.one(".shape .big img").get_attribute("src") != before)
    page.press("u")
    page.wait(lambda: page.one(".shape .big img").get_attribute("src") == before)
    assert page.one("#kept-count").text == "1"
    page.press("u")
    page.wait(lambda: not page.one("#kept-count").is_displayed())


def test_a_double_click_acts_once(page):
    page.open()
    ActionChains(page.driver).double_click(page.on_tile(0, "mix")).perform()
    time.sleep(0.3)
    assert page.one("#mix-count").text == "1"


def test_many_are_put_on_a_board_and_taken_out_with_one_change_each(page, collection):
    page.open()
    page.keep(range(3))
    page.enter("kept")
    for place in range(3):
        page.click(lambda place=place: page.tile(place).find_element(By.CSS_SELECTOR, "input"))
    page.one(".selection input").send_keys("Winter")
    page.click(lambda: page.button("Put on the board"))
    page.wait(lambda: collection.list_boards() == {"Winter": 3})
    page.press(Keys.ESCAPE)
    page.click(lambda: page.one("#undo"))
    page.wait(lambda: collection.list_boards() == {})
    page.click(lambda: page.button("Take them out"))
    page.wait(lambda: collection.find(Question())[0] == 0)
    page.says_soon("Not kept any more: 3")
    assert "Tick garments" in page.one(".selection").text
    page.click(lambda: page.one("#undo"))
    page.wait(lambda: collection.find(Question())[0] == 3)


def test_a_studio_that_ended_is_said(page):
    page.open()
    page.server.should_exit = True
    time.sleep(1.0)
    page.click(lambda: page.on_tile(0, "keep"))
    page.says_soon("the studio does not answer")
