// While a button is held down nothing of the page is drawn anew: a click is lost if its element is replaced before it ends.
let isHeld = false, waiting = [];

function release() {
  setTimeout(() => { // the click comes after the release
    isHeld = false;
    const resolved = waiting;
    waiting = [];
    for (const resolve of resolved) resolve();
  });
}

addEventListener("pointerdown", (event) => { isHeld = event.button === 0; }, { capture: true });
addEventListener("keydown", (event) => { isHeld ||= event.key === " " && event.target.matches("button"); }, { capture: true });
for (const name of ["pointerup", "pointercancel", "keyup"]) addEventListener(name, release, { capture: true });
addEventListener("blur", release); // of the window: it hears nothing of the release

/** Waits until no button is held down. */
export const released = () => (isHeld ? new Promise((resolve) => { waiting.push(resolve); }) : null);
