"""How fast the studio is, driven in a real Chromium: sliders, the first page, the wall, memory.

    python benchmarks/studio.py --models models/dcgan

A collection of 10,000 garments is made first. Printed are the times from moving a slider to the decoded pictures of 16
garments (median and 95th percentile), from opening the page to the first garments on the wall, the largest number of
tiles in the document while 10,000 garments scroll by, and the memory of the server and of the page after 2,000 and
after 10,000 of them.
"""

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from measure import describe_machine, print_table
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

from fashiongen.boards.browser import find_programs
from fashiongen.studio.collection import Collection
from fashiongen.studio.generators import Generators
from fashiongen.studio.kept_garments import KeptGarments
from fashiongen.studio.latents import encode_latent
from fashiongen.studio.questions import MOST, Keep
from fashiongen.studio.records import Garment

MIB = 2**20
DRAG = """
const [steps, done] = arguments;
const slider = document.querySelector(".slider input");
const shown = () => [...document.querySelectorAll(".shape .big img, .near img")];
const wait = () => new Promise((resolve) => requestAnimationFrame(resolve));
const times = [];
for (let step = 0; step < steps; step += 1) {
  const before = shown()[0].src;
  slider.value = ((step * 7) % 33) / 4 - 4;
  const start = performance.now();
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  while (shown().length < 16 || shown()[0].src === before) await wait();
  await Promise.all(shown().map((image) => image.decode()));
  times.push(performance.now() - start);
}
done(times);"""
FIRST = """
const [done] = arguments;
const timer = setInterval(() => {
  if (document.querySelectorAll(".wall .tile:not(.waiting) img").length < 9) return;
  clearInterval(timer);
  done(performance.now());
}, 5);"""
SCROLL = """
const [garments, done] = arguments;
let most = 0, last = 0;
const timer = setInterval(() => {
  scrollBy(0, innerHeight);
  const tiles = [...document.querySelectorAll(".wall .tile")];
  most = Math.max(most, tiles.length);
  last = Math.max(last, ...tiles.map((tile) => Number(tile.dataset.place)));
  if (last < garments) return;
  clearInterval(timer);
  done(most);
}, 60);"""


def keep_garments(models: Path, path: Path, count: int) -> None:
    """Fill a collection with garments of the first variant."""
    generators = Generators(models)
    name = next(iter(generators.cards))
    kept_garments = KeptGarments(generators, Collection(path))
    for start in range(0, count, MOST):
        latents = generators[name].sample(start, min(MOST, count - start), seed=1, truncation=1.0)
        garments = [Garment(variant=name, latent=encode_latent(latent)) for latent in latents]
        kept_garments.keep(Keep(garments=garments, client="benchmark"))


def open_browser(size: tuple[int, int]) -> Chrome:
    """A Chromium without a window."""
    programs = find_programs()
    options = ChromeOptions()
    options.binary_location = programs.browser
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", f"--window-size={size[0]},{size[1]}"):
        options.add_argument(flag)
    driver = Chrome(options, ChromeService(programs.driver))
    driver.set_script_timeout(600)
    return driver


def read_page_mib(driver: Chrome) -> float:
    """The memory of the page's JavaScript, after a collection of garbage."""
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize") / MIB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, default=Path("models/dcgan"))
    parser.add_argument("--kept", type=int, default=10_000)
    parser.add_argument("--scrolled", type=int, default=10_000)
    parser.add_argument("--moves", type=int, default=200, help="of a slider")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        collection = Path(folder) / "studio.sqlite"
        keep_garments(options.models, collection, options.kept)
        command = [Path(sys.executable).with_name("fashiongen"), "studio", "--no-browser", "--port", "0"]
        server = subprocess.Popen([*command, "--collection", collection], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            measure(server.stdout.readline().split()[1], psutil.Process(server.pid), options)
        finally:
            server.terminate()
            server.wait()


def measure(address: str, server: psutil.Process, options: argparse.Namespace) -> None:
    """Drive the page and print what it took."""
    with open_browser((1280, 900)) as driver:
        driver.execute_cdp_cmd("Performance.enable", {})
        driver.get(address)
        first_ms = driver.execute_async_script(FIRST)
        driver.get(f"{address}/#kept")
        driver.get("about:blank")
        driver.get(f"{address}/#kept")
        kept_ms = driver.execute_async_script(FIRST)
        driver.get("about:blank")
        driver.get(f"{address}/#shape")
        while len(driver.find_elements("css selector", ".slider")) < 8:
            time.sleep(0.1)
        driver.execute_async_script(DRAG, 10)
        times_ms = driver.execute_async_script(DRAG, options.moves)
        driver.get("about:blank")
        driver.get(address)
        driver.execute_async_script(FIRST)
        driver.execute_async_script(SCROLL, options.scrolled // 5)  # fills what the page remembers
        before = server.memory_info().rss / MIB, read_page_mib(driver)
        most = driver.execute_async_script(SCROLL, options.scrolled)
        after = server.memory_info().rss / MIB, read_page_mib(driver)
    scrolled = f"{options.scrolled // 5:,} and {options.scrolled:,}"
    rows = [
        ("slider to 16 pictures, median", f"{statistics.median(times_ms):.0f} ms", ""),
        ("slider to 16 pictures, 95th percentile", f"{statistics.quantiles(times_ms, n=20)[-1]:.0f} ms", "150 ms"),
        ("first wall", f"{first_ms:.0f} ms", "1,000 ms"),
        (f"first page of {options.kept:,} kept", f"{kept_ms:.0f} ms", "1,000 ms"),
        (f"most tiles while {options.scrolled:,} scrolled by", f"{most}", "100"),
        (f"memory of the server after {scrolled}", f"{before[0]:.0f}, {after[0]:.0f} MiB", "flat"),
        (f"memory of the page after {scrolled}", f"{before[1]:.1f}, {after[1]:.1f} MiB", "flat"),
    ]
    print_table(["", "measured", "goal"], [list(row) for row in rows])
    print(describe_machine("cpu"))


if __name__ == "__main__":
    main()
