// A wall of garments of which only those in view are in the document.
import { make } from "./dom.js";

const RETRY_MS = 3000; // after which a block that was refused is asked for again
const MOST_TILES = 96, REMEMBERED = 800, BLOCK = 32, CAPTION_PX = 40, GAP_PX = 10;
const WIDTH_PX = 112; // at least, where the screen is wide enough

export class Wall {
  /**
   * `load(start, count)` gives garments, `tile(garment, place)` an element for one. `total` is their number, Infinity
   * for a wall without an end; `ratio` is a picture's height to its width.
   */
  constructor({ load, tile, total = Infinity, ratio = 2, label = "Garments" }) {
    Object.assign(this, { load, tile, total, ratio });
    this.element = make("ul", {
      class: "wall", "aria-label": label, onkeydown: (event) => this.#move(event), onfocusin: (event) => this.#meet(event),
    });
    this.garments = new Map(); // by place, the last used at the end
    this.tiles = new Map(); // those in the document
    this.waiting = new Set(); // blocks that are on their way
    this.focused = 0;
    this.lowest = 0; // row that was seen
    this.stop = new AbortController();
    const { signal } = this.stop;
    addEventListener("scroll", () => this.#frame(), { passive: true, signal });
    new ResizeObserver(() => this.#lay()).observe(this.element);
  }

  /** Begins where another wall of the same garments was left. */
  resume({ lowest, scrollY }) {
    this.lowest = lowest;
    this.resumeAt = scrollY;
  }

  /** Ends the wall: it listens to nothing any more. */
  end() {
    this.stop.abort();
  }

  /** Draws all tiles anew, as when what is kept has changed. */
  refresh() {
    for (const [place, tile] of this.tiles) this.#replace(place, tile);
  }

  /** The garment whose tile has the focus. */
  get garment() {
    return this.element.contains(document.activeElement) ? this.garments.get(this.focused) : undefined;
  }

  #lay() {
    const width = this.element.clientWidth;
    if (!width) return;
    let columns = Math.max(3, Math.floor((width + GAP_PX) / (WIDTH_PX + GAP_PX)));
    const rowsOf = (count) => Math.ceil(innerHeight / this.#rowPx(width, count)) + 3;
    while (columns > 2 && columns * rowsOf(columns) > MOST_TILES) columns -= 1;
    this.columns = columns;
    this.rowPx = this.#rowPx(width, columns);
    this.columnPx = (width + GAP_PX) / columns;
    this.element.style.setProperty("--tile-width", `${this.columnPx - GAP_PX}px`);
    for (const [place, tile] of this.tiles) this.#place(place, tile);
    this.#show();
    if (this.resumeAt) scrollTo(0, this.resumeAt);
    this.resumeAt = 0;
  }

  #rowPx(width, columns) {
    return ((width + GAP_PX) / columns - GAP_PX) * this.ratio + CAPTION_PX + GAP_PX;
  }

  #frame() {
    this.asked ??= requestAnimationFrame(() => { this.asked = null; this.#show(); });
  }

  #show() {
    if (!this.columns || !this.element.isConnected) return;
    const above = Math.max(0, -this.element.getBoundingClientRect().top);
    const first = Math.max(0, Math.floor(above / this.rowPx) - 1);
    const last = first + Math.ceil(innerHeight / this.rowPx) + 2;
    this.lowest = Math.max(this.lowest, last);
    const rows = Number.isFinite(this.total) ? Math.ceil(this.total / this.columns) : this.lowest + 12;
    this.element.style.height = `${rows * this.rowPx}px`;
    const from = first * this.columns, to = Math.min(this.total, (last + 1) * this.columns);
    for (const [place, tile] of this.tiles) {
      if ((place < from || place >= to) && !tile.contains(document.activeElement)) {
        tile.remove();
        this.tiles.delete(place);
      }
    }
    for (let place = from; place < to; place += 1) if (!this.tiles.has(place)) this.#add(place);
    for (const [place, tile] of this.tiles) if (tile.classList.contains("waiting")) this.#fetch(Math.floor(place / BLOCK));
  }

  #add(place) {
    if (this.tiles.size >= MOST_TILES + 2) return;
    const garment = this.garments.get(place);
    const tile = make("li", { class: garment ? "tile" : "tile waiting", "data-place": place });
    if (garment) tile.append(...this.tile(garment, place)); // else it waits
    this.#place(place, tile);
    this.tiles.set(place, tile);
    const after = [...this.tiles.keys()].filter((other) => other > place).sort((one, other) => one - other)[0];
    this.element.insertBefore(tile, after === undefined ? null : this.tiles.get(after));
    this.#rove();
  }

  #place(place, tile) {
    const row = Math.floor(place / this.columns), column = place % this.columns;
    tile.style.transform = `translate(${column * this.columnPx}px, ${row * this.rowPx}px)`;
    tile.setAttribute("aria-posinset", place + 1);
    tile.setAttribute("aria-setsize", Number.isFinite(this.total) ? this.total : -1);
  }

  #replace(place, tile) {
    const garment = this.garments.get(place);
    if (!garment) return;
    const focus = tile.contains(document.activeElement) ? document.activeElement.dataset.does : null;
    tile.className = "tile";
    tile.replaceChildren(...this.tile(garment, place));
    this.#rove();
    if (focus) tile.querySelector(`[data-does="${focus}"]`)?.focus({ preventScroll: true });
  }

  async #fetch(block) {
    if (this.waiting.has(block)) return;
    this.waiting.add(block);
    const start = block * BLOCK, count = Math.min(BLOCK, this.total - start);
    try {
      const garments = await this.load(start, count);
      garments.forEach((garment, index) => this.#remember(start + index, garment));
    } catch (error) {
      if (!this.stop.signal.aborted) setTimeout(() => { this.waiting.delete(block); this.#show(); }, RETRY_MS);
      throw error;
    }
    this.waiting.delete(block);
    for (const [place, tile] of this.tiles) {
      if (tile.classList.contains("waiting")) this.#replace(place, tile);
    }
  }

  #remember(place, garment) {
    this.garments.delete(place);
    this.garments.set(place, garment);
    for (const old of this.garments.keys()) {
      if (this.garments.size <= REMEMBERED) break;
      if (!this.tiles.has(old)) this.garments.delete(old);
      else break;
    }
  }

  /** One tile can be reached by the tab key; arrows go from there. */
  #rove() {
    if (!this.tiles.has(this.focused)) this.focused = Math.min(...this.tiles.keys());
    for (const [place, tile] of this.tiles) {
      for (const control of tile.querySelectorAll("button, input")) control.tabIndex = place === this.focused ? 0 : -1;
    }
  }

  /** The tile that got the focus, by mouse or by key, is the one that keys are about. */
  #meet(event) {
    this.focused = Number(event.target.closest(".tile").dataset.place);
    this.#rove();
  }

  focus(place) {
    this.focused = place;
    const row = Math.floor(place / this.columns);
    const top = this.element.getBoundingClientRect().top + row * this.rowPx;
    const head = document.querySelector("header").offsetHeight + 8;
    if (top < head) scrollBy(0, top - head);
    else if (top + this.rowPx > innerHeight) scrollBy(0, top + this.rowPx - innerHeight);
    this.#show();
    this.#rove();
    this.tiles.get(place)?.querySelector("button")?.focus({ preventScroll: true });
  }

  #move(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: this.columns, ArrowUp: -this.columns };
    const tile = event.target.closest(".tile");
    if (!(event.key in steps) || !tile) return;
    event.preventDefault();
    const place = Number(tile.dataset.place) + steps[event.key];
    if (place >= 0 && place < this.total) this.focus(place);
  }
}
