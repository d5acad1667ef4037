// A virtualised masonry grid: each item keeps its place, but only those near the viewport are in the document.

const COLUMN_PX = 236;
const GUTTER_PX = 16;
const KEEP_SCREENS = 0.7; // items farther than this from the viewport are removed from the document
const FETCH_SCREENS = 3; // the next page is fetched when the grid's end is nearer than this
const MEASURE_MS = 150; // how long a hidden copy of a new item stays in the document
const MEASURE_EVERY = 3;

export class Masonry {
  // fetchPage(): Promise<{items, isLast}>; renderItem(item): {node, heightPx}; neither knows about places.
  constructor(list, { fetchPage, renderItem, heightOf, hiddenClass, onEnd = () => {} }) {
    Object.assign(this, { list, fetchPage, renderItem, heightOf, hiddenClass, onEnd });
    this.items = [];
    this.places = [];
    this.mounted = new Map(); // index -> node
    this.isLoading = false;
    this.isDone = false;
    this.heightPx = 0;
    this.mountCount = 0;
    this.startColumns();
    addEventListener("scroll", () => this.schedule(), { passive: true });
    addEventListener("resize", () => this.relayout());
    this.schedule();
  }

  startColumns() {
    const widthPx = this.list.clientWidth;
    const count = Math.max(1, Math.floor((widthPx + GUTTER_PX) / (COLUMN_PX + GUTTER_PX)));
    this.leftPx = Math.max(0, (widthPx - count * (COLUMN_PX + GUTTER_PX) + GUTTER_PX) / 2);
    this.columns = new Array(count).fill(0);
  }

  // Give the next item its place below the shortest column.
  place(item) {
    const column = this.columns.indexOf(Math.min(...this.columns));
    const heightPx = this.heightOf(item, COLUMN_PX);
    const place = { x: this.leftPx + column * (COLUMN_PX + GUTTER_PX), y: this.columns[column], heightPx };
    this.columns[column] += heightPx + GUTTER_PX;
    this.places.push(place);
  }

  append(items) {
    this.items.push(...items);
    items.forEach((item) => this.place(item));
    this.grow();
  }

  // The container only grows: it keeps its height when items are removed.
  grow() {
    this.heightPx = Math.max(this.heightPx, ...this.columns);
    this.list.style.height = `${this.heightPx}px`;
  }

  relayout() {
    this.startColumns();
    this.places = [];
    this.items.forEach((item) => this.place(item));
    this.grow();
    for (const index of [...this.mounted.keys()]) this.unmount(index);
    this.schedule();
  }

  schedule() {
    if (this.isScheduled) return;
    this.isScheduled = true;
    requestAnimationFrame(() => {
      this.isScheduled = false;
      this.update();
    });
  }

  update() {
    const topPx = -this.list.getBoundingClientRect().top; // of the viewport, seen from the grid
    const isNear = ({ y, heightPx }) =>
      y + heightPx > topPx - KEEP_SCREENS * innerHeight && y < topPx + (1 + KEEP_SCREENS) * innerHeight;
    for (const index of [...this.mounted.keys()]) if (!isNear(this.places[index])) this.unmount(index);
    this.places.forEach((place, index) => {
      if (!this.mounted.has(index) && isNear(place)) this.mount(index);
    });
    if (topPx + (1 + FETCH_SCREENS) * innerHeight > Math.min(...this.columns)) this.load();
  }

  mount(index) {
    const { x, y, heightPx } = this.places[index];
    const node = this.renderItem(this.items[index]);
    node.style.cssText = `width:${COLUMN_PX}px;height:${heightPx}px;transform:translateX(${x}px) translateY(${y}px)`;
    this.list.append(node);
    this.mounted.set(index, node);
    this.mountCount += 1;
    if (this.mountCount % MEASURE_EVERY === 0) this.measure(node);
  }

  measure(node) {
    const copy = node.cloneNode(true);
    copy.className = this.hiddenClass;
    this.list.append(copy);
    setTimeout(() => copy.remove(), MEASURE_MS);
  }

  unmount(index) {
    this.mounted.get(index).remove();
    this.mounted.delete(index);
  }

  async load() {
    if (this.isLoading || this.isDone) return;
    this.isLoading = true;
    const { items, isLast } = await this.fetchPage();
    this.isLoading = false;
    this.append(items);
    this.isDone = isLast;
    if (isLast) this.onEnd();
    this.schedule();
  }
}
