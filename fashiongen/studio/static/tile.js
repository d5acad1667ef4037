// A garment as it stands on a wall, in a strip or in the mix.
import { openGarment } from "./garment.js";
import { button, capital, make } from "./dom.js";
import { idOf, isMixed, isStarred, toggleKept, toggleMix } from "./state.js";

/** The picture of a garment as a button that opens it. */
export const picture = (garment, { onclick } = {}) => make(
  "button",
  { type: "button", class: "picture", "data-does": "open", onclick: onclick ?? (() => openGarment(garment)) },
  make("img", { src: garment.image, alt: capital(garment.words), draggable: "false" }),
);

/** Of a double click the first one alone: the second would take back what it did. */
const once = (act) => (event) => { if (event.detail < 2) act(); };

/** What stands on a tile: the picture, and what can be done at once. */
export function tileOf(garment) {
  const isKept = Boolean(idOf(garment));
  return [
    picture(garment),
    make(
      "div",
      { class: "does" },
      button(isKept ? (isStarred(garment) ? "★ Kept" : "Kept") : "Keep", once(() => toggleKept(garment)), {
        "data-does": "keep", "aria-pressed": String(isKept), "aria-label": `Keep: ${garment.words}`,
      }),
      button(isMixed(garment) ? "In mix" : "Mix", once(() => toggleMix(garment)), {
        "data-does": "mix", "aria-pressed": String(isMixed(garment)), "aria-label": `Mix: ${garment.words}`,
      }),
    ),
  ];
}
