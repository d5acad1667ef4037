// The cards of both grids, made from the items of the feed.

const CAPTION_PX = 26;
const BYLINE_PX = 26;
const MODULE_PX = 120;
const SIZES = ["236x", "474x", "736x", "orig"];

const state = JSON.parse(document.getElementById("__PWS_DATA__").textContent);
const names = state.classes;

function element(tag, { className, testId, attributes = {} }, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (testId) node.dataset.testId = testId;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// The src of an image is empty until its card comes near the viewport.
const lazy = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      target.src = target.pin.images["236x"].url;
      target.srcset = SIZES.map((size, index) => `${target.pin.images[size].url} ${index + 1}x`).join(", ");
      lazy.unobserve(target);
    }
  },
  { rootMargin: "25% 0px" },
);

function titleOf(pin) {
  return typeof pin.title === "object" ? pin.title.format : pin.title;
}

function picture(pin) {
  const image = element("img", { attributes: { alt: pin.description || titleOf(pin), src: "", draggable: "false" } });
  image.pin = pin;
  lazy.observe(image);
  return image;
}

function video(pin) {
  return element("video", { attributes: { poster: pin.images["236x"].url, preload: "none", muted: "" } });
}

function media(pin) {
  const { width, height } = pin.images["236x"];
  const attributes = { style: `aspect-ratio:${width}/${height};background:${pin.dominant_color}` };
  const className = names.image;
  const badge = (text) => element("div", { className: names.badge }, text);
  if (pin.videos) return element("div", { className, testId: "pinrep-video", attributes }, badge("0:12"), video(pin));
  const pages = pin.story_pin_data ? [badge(`1/${pin.story_pin_data.page_count}`)] : [];
  return element("div", { className, testId: "pinrep-image", attributes }, ...pages, picture(pin));
}

function byline(pin) {
  const portrait = state.portraits[Number(pin.id.slice(-3)) % state.portraits.length] ?? state.portraits[0];
  const image = element("img", { className: names.portrait, attributes: { src: portrait, alt: "" } });
  const text = pin.is_promoted ? `Promoted by ${pin.domain}` : pin.domain;
  return element("div", { className: names.byline, testId: pin.is_promoted ? "promoted-by" : "pinner" }, image, text);
}

function pinCard(pin, { hasByline }) {
  const attributes = { href: `/pin/${pin.id}/`, "aria-label": `${titleOf(pin)} pin page` };
  const wrapper = element("div", { testId: "pinWrapper" }, element("a", { attributes }, media(pin)));
  const caption = element("div", { className: names.caption }, titleOf(pin));
  const lines = hasByline || pin.is_promoted ? [caption, byline(pin)] : [caption];
  const card = { className: names.card, testId: "pin", attributes: { "data-test-pin-id": pin.id } };
  return element("div", card, wrapper, ...lines);
}

function moduleCard(story) {
  const heading = element("h2", { className: names.divider }, titleOf(story));
  return element("div", { className: names.module, testId: "story-module" }, heading);
}

export function renderItem(item, options) {
  const card = item.type === "story" ? moduleCard(item) : pinCard(item, options);
  return element("div", { className: names.item, attributes: { role: "listitem", "data-grid-item": "true" } }, card);
}

export function heightOf(item, widthPx, { hasByline }) {
  if (item.type === "story") return MODULE_PX;
  const { width, height } = item.images["236x"];
  return Math.round((widthPx * height) / width) + CAPTION_PX + (hasByline || item.is_promoted ? BYLINE_PX : 0);
}
