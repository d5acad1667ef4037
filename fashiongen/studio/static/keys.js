// Everything by keyboard.
import { wall } from "./explore.js";
import { keptWall } from "./kept.js";
import { closeGarment, opened, prefer } from "./garment.js";
import { currentView, enter } from "./views.js";
import { star, state, toggleKept, toggleMix, undo } from "./state.js";

const VIEWS = ["explore", "shape", "mix", "photograph", "kept"];
const help = document.getElementById("keys");

/** The garment that a key is about: the open one, the one with the focus, or the one that is shaped. */
const atHand = () => opened() ?? wall?.garment ?? keptWall?.garment ?? (currentView() === "shape" ? state.current : null);

function shape(garment) {
  state.current = garment;
  if (opened()) closeGarment();
  enter("shape");
}

const OF_GARMENT = {
  k: toggleKept, s: star, m: toggleMix, h: shape, l: (garment) => prefer(garment, true), x: (garment) => prefer(garment, false),
};

export function listen() {
  document.getElementById("undo").addEventListener("click", () => undo("undo"));
  document.getElementById("redo").addEventListener("click", () => undo("redo"));
  document.getElementById("help").addEventListener("click", () => help.showModal());
  addEventListener("keydown", (event) => {
    const isTyped = event.target.matches("textarea, select, input:not([type=range], [type=checkbox], [type=radio], [type=color])");
    if (isTyped || event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (press(key)) event.preventDefault();
  });
}

function press(key) {
  if (key === "?") return help.showModal() ?? true;
  if (help.open) return false;
  if (key === "u") return undo("undo");
  if (key === "r") return undo("redo");
  if (VIEWS[key - 1]) {
    if (opened()) closeGarment();
    return enter(VIEWS[key - 1]) ?? true;
  }
  const garment = key in OF_GARMENT ? atHand() : null;
  return garment ? OF_GARMENT[key](garment) ?? true : false;
}
