// The rooms of the page: one is shown at a time, by the part of the address behind `#`.
const rooms = new Map();
const main = document.getElementById("room");
let leave = null;

/** A room: `build(main)` fills the page and returns what to call when it is left, if anything. */
export const addRoom = (name, build) => rooms.set(name, build);

export const currentRoom = () => (rooms.has(location.hash.slice(1)) ? location.hash.slice(1) : "explore");

export function enter(name) {
  if (location.hash === `#${name}`) show();
  else location.hash = name;
}

function show() {
  const name = currentRoom();
  leave?.();
  main.replaceChildren();
  main.dataset.room = name;
  scrollTo(0, 0);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.room === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  leave = rooms.get(name)(main) ?? null;
}

export function openRooms() {
  addEventListener("hashchange", show);
  show();
}
