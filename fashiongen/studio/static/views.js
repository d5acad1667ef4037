// The views of the page: one is shown at a time, by the part of the address behind `#`.
const views = new Map();
const main = document.getElementById("view");
let leave = null;

/** A view: `build(main)` fills the page and returns what to call when it is left, if anything. */
export const addView = (name, build) => views.set(name, build);

export const currentView = () => (views.has(location.hash.slice(1)) ? location.hash.slice(1) : "explore");

export function enter(name) {
  if (location.hash === `#${name}`) show();
  else location.hash = name;
}

function show() {
  const name = currentView();
  leave?.();
  main.replaceChildren();
  main.dataset.view = name;
  scrollTo(0, 0); // the view may scroll on
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  leave = views.get(name)(main) ?? null;
}

export function openViews() {
  addEventListener("hashchange", show);
  show();
}
