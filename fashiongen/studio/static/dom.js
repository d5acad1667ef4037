// Elements, messages and files of the page.

/** An element with attributes and children; a function as `on…` is a listener, `true` an empty attribute. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

export const button = (text, onclick, attributes = {}) => make("button", { type: "button", onclick, ...attributes }, text);

const says = document.getElementById("says");
let quiet;

/** Says something in one line for some seconds. */
export function say(text, { isFault = false } = {}) {
  clearTimeout(quiet);
  says.textContent = text;
  says.classList.toggle("fault", isFault);
  if (says.matches(":popover-open")) says.hidePopover();
  says.showPopover(); // above a dialog that was opened since
  quiet = setTimeout(() => says.hidePopover(), isFault ? 15000 : 5000);
}

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** How far a steered garment is from what was asked for, in words. */
export function nearness(distance) {
  const words = distance < 0.03 ? "hardly any difference" : distance < 0.08 ? "a little off" : distance < 0.16
    ? "the nearest that this network draws" : "this network draws nothing like it";
  return `${words} (${distance.toFixed(2)}; 0 is the same, 1 is black to white)`;
}

/** Saves a file that the server made. */
export function save(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
