// A garment opened large: what can be done with it, what it resembles, how it was made.
import { ask, get, take } from "./api.js";
import { button, capital, make, save, say } from "./dom.js";
import { drop, idOf, isMixed, isStarred, keep, like, mark, onChange, same, star, state, toggleMix, variantOf } from "./state.js";
import { enter } from "./views.js";

const LABELS = { full: "a full-length garment", upper: "an upper garment", lower: "a lower garment" };
const REDRAWS = {
  same: "Drawn again from this record, it is the same to the byte.",
  other_network: "The network was trained again since: it would draw another garment now. The picture is the one you kept.",
  other_machine: "This machine draws it with tiny differences. The picture is the one you kept.",
  missing: "Its network is not trained here. The picture is the one you kept.",
};
const NOTE_PAUSE_MS = 800;
const dialog = document.getElementById("garment");
let shown = null, closing = null;

/** The garment that is open, if one is. */
export const opened = () => (dialog.open ? shown : null);

export function openGarment(garment) {
  shown = garment;
  closing?.abort();
  closing = new AbortController();
  onChange(() => refresh(garment), closing.signal);
  addEventListener("hashchange", closeGarment, { signal: closing.signal });
  fill(garment);
  if (!dialog.open) dialog.showModal();
  look(garment);
}

export const closeGarment = () => dialog.close();
dialog.addEventListener("close", () => closing?.abort());
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });

function fill(garment) {
  const big = make("figure", { class: "big" },
    make("img", { src: garment.image, alt: capital(garment.words) }), boxes.get(garment));
  dialog.replaceChildren(
    button("×", closeGarment, { class: "close", "aria-label": "Close" }),
    big,
    make("div", { class: "about" }, make("h2", {}, capital(garment.words)), make("div", { class: "actions" }), takeAway(garment),
      make("section", { id: "marks" }),
      make("section", { id: "details" }, known.get(garment) ?? make("p", { class: "quiet" }, "Looking for real garments like it …")),
    ),
  );
  refresh(garment);
}

/** Draws the buttons anew; what is being typed below them stays. */
function refresh(garment) {
  const actions = dialog.querySelector(".about > .actions"), marks = document.getElementById("marks");
  const focus = actions.contains(document.activeElement) ? document.activeElement.dataset.does : null;
  const id = idOf(garment);
  actions.replaceChildren(...[
    button(id ? "Take it out" : "Keep", () => (id ? drop(garment) : keep(garment)), { class: id ? null : "main", "data-does": "keep" }),
    button(isStarred(garment) ? "★ Starred" : "Star", () => star(garment), { "data-does": "star", "aria-pressed": String(isStarred(garment)) }),
    button(isMixed(garment) ? "Out of the mix" : "Mix", () => toggleMix(garment), { "data-does": "mix" }),
    button("Shape", () => shape(garment), { "data-does": "shape" }),
    button("More like this", () => prefer(garment, true), { "data-does": "more" }),
    button("Less like this", () => prefer(garment, false), { "data-does": "less" }),
  ]);
  if (focus) actions.querySelector(`[data-does="${focus}"]`)?.focus();
  if (!id) marks.replaceChildren();
  else if (marks.dataset.of !== String(id)) fillMarks(garment, id);
  marks.dataset.of = id ?? "";
}

const known = new WeakMap(); // what was found of a garment
const boxes = new WeakMap(); // what the detector saw in it, on its picture

async function look(garment) {
  const { variant, latent } = garment;
  if (!known.has(garment)) {
    const answer = await ask("details", { variant, latent });
    known.set(garment, make("div", {}, ...describe(garment, answer)));
    boxes.set(garment, make("div", { class: "boxes", hidden: true }, ...(answer.seen ?? []).slice(0, 1).map(drawBox)));
  }
  if (shown !== garment) return;
  document.getElementById("details")?.replaceChildren(known.get(garment));
  dialog.querySelector(".big").append(boxes.get(garment));
}

function drawBox({ box }) {
  const [left, top, width, height] = box.map((share) => `${100 * share}%`);
  const frame = make("div", { class: "box" });
  Object.assign(frame.style, { left, top, width, height });
  return frame;
}

function describe(garment, { nearest = [], nearest_fault: blind, seen = [], seen_fault: unseen, weights_sha256: weights, epoch }) {
  const real = nearest.map((one) => make("figure", {},
    make("img", { src: one.image, alt: "A real garment" }), make("figcaption", {}, one.distance.toFixed(2))));
  const sure = seen.filter((one, place) => !place || one.score >= 0.5).map((one) => `${LABELS[one.label]} (${Math.round(100 * one.score)} % sure)`);
  const record = { variant: garment.variant, weights_sha256: weights, epoch, latent: garment.latent, edits: garment.edits.map((step) => step.text) };
  const parts = [
    make("h3", {}, "The nearest real garments"),
    blind ? make("p", { class: "quiet" }, blind) : make("div", { class: "nearest" }, ...real),
    make("p", { class: "quiet" }, "Of those that the network learned from; 0 is the same, 1 is unlike."),
    make("h3", {}, "What the detector sees"),
    make("p", {}, unseen ?? (sure.length ? capital(sure.join(", ")) : "No garment: the drawing is too vague for it.")),
    sure.length ? button("Show where", () => boxes.get(garment).toggleAttribute("hidden"), { class: "plain" }) : null,
    make("h3", {}, "How it was made"),
    make("ol", { class: "edits" }, ...garment.edits.map((step) => make("li", {}, step.text))),
    make("details", {}, make("summary", {}, "Record"), make("pre", { tabindex: "0" }, JSON.stringify(record, null, 1))),
  ];
  return parts.filter(Boolean);
}

function shape(garment) {
  state.current = garment;
  closeGarment();
  enter("shape");
}

export function prefer(garment, isLiked) {
  like(garment, isLiked);
  say(isLiked ? "The wall shows garments like it" : "The wall avoids garments like it");
  if (dialog.open) closeGarment();
  enter("explore");
}

async function fillMarks(garment, id) {
  const section = document.getElementById("marks");
  const kept = await get(`kept/${id}`);
  if (!same(kept, garment) || !section.isConnected) return;
  const change = async (marks, text) => {
    await mark([id], marks, `${text} ${garment.words}`);
    say("Saved");
  };
  const words = (text) => [...new Set(text.split(",").map((word) => word.trim().slice(0, 60)).filter(Boolean))];
  const field = (label, value, onchange, extra = {}) =>
    make("label", {}, label, make("input", { value, maxlength: 400, onchange: (event) => onchange(event.target.value), ...extra }));
  const stars = [1, 2, 3, 4, 5].map((number) => make("label", { class: "star" },
    make("input", {
      type: "radio", name: "rating", value: number, checked: kept.rating === number, "aria-label": `${number} of 5`,
      onchange: () => change({ rating: number }, "Rated"),
    }), make("span", { "aria-hidden": "true" }, "★")));
  section.replaceChildren(
    make("h3", {}, "Your notes"),
    make("fieldset", { class: "rating" }, make("legend", {}, "Rating"), ...stars,
      button("none", async () => { await change({ rating: 0 }, "Unrated"); fillMarks(garment, id); }, { class: "plain" })),
    field("Boards, separated by commas", kept.boards.join(", "), (text) => change({ boards: words(text) }, "Put on boards:"), { list: "boards" }),
    make("datalist", { id: "boards" }, ...Object.keys(state.boards).map((name) => make("option", { value: name }))),
    field("Tags, separated by commas", kept.tags.join(", "), (text) => change({ tags: words(text) }, "Tagged")),
    make("label", {}, "Note", noteField(kept.note, (note) => change({ note }, "Wrote a note on"))),
    make("p", { class: "quiet" }, REDRAWS[kept.redraw]),
  );
}

/** A field that saves what is typed after a pause, and when it or the page is left. */
function noteField(note, write) {
  let saved = note, timer;
  const field = make("textarea", { rows: 3, maxlength: 4000 }, note);
  const save = () => {
    clearTimeout(timer);
    if (field.value === saved) return;
    saved = field.value;
    write(saved);
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, NOTE_PAUSE_MS); });
  field.addEventListener("change", save);
  addEventListener("pagehide", save, { signal: closing.signal });
  closing.signal.addEventListener("abort", save);
  return field;
}

/** Choices of a file, and the button that saves it; `chosen` gives the garments then. */
export function takeAway(garment, chosen = null) {
  const choose = (label, options) => {
    const select = make("select", {}, ...Object.entries(options).map(([value, text]) => make("option", { value }, text)));
    return [select, make("label", {}, label, select)];
  };
  const isOnWhite = !garment || variantOf(garment.variant)?.is_on_white;
  const [format, formats] = choose("As", { png: "PNG", pdf: "contact sheet, PDF", sheet: "contact sheet, PNG", json: "record, JSON" });
  const [scale, scales] = choose("Size", { 1: "as drawn", 2: "twice", 4: "four times" });
  const [ground, grounds] = choose("Ground", { white: "white", ...(isOnWhite ? { transparent: "transparent" } : {}) });
  format.addEventListener("change", () => {
    scale.disabled = format.value !== "png";
    ground.disabled = format.value === "json";
  });
  const go = async () => {
    const which = chosen ? { ids: chosen() } : idOf(garment) ? { ids: [idOf(garment)] }
      : { garments: [{ variant: garment.variant, latent: garment.latent, edits: garment.edits }] };
    const options = { format: format.value, scale: Number(scale.value), ground: ground.value };
    const { blob, name } = await take("take", { ...which, ...options });
    save(blob, name);
    say(`Saved ${name}`);
  };
  return make("details", { class: "take" }, make("summary", {}, "Take away"), make("div", { class: "row" },
    formats, scales, grounds, button("Save", () => go())),
    make("p", { class: "quiet" }, "Twice and four times are resampled: larger, not sharper."));
}
