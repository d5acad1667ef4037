// The page is complete without this script. With it, each slider moves a cursor over its plot, shows the values there and
// the grid of that epoch; a pointer over the plot moves the slider; a list selects one of several panels.
"use strict";

for (const scrubber of document.querySelectorAll("[data-scrubber]")) {
  const { x, x_px, values } = JSON.parse(scrubber.querySelector("script").textContent);
  const slider = scrubber.querySelector("input");
  const plot = scrubber.querySelector("svg");
  const cursor = plot.querySelector(".cursor");
  const grids = [...scrubber.querySelectorAll("[data-epoch]")];

  const show = () => {
    const place = Number(slider.value);
    cursor.setAttribute("x1", x_px[place]);
    cursor.setAttribute("x2", x_px[place]);
    scrubber.querySelector("[data-x]").textContent = x[place];
    for (const output of scrubber.querySelectorAll("[data-line]")) {
      output.textContent = values[output.dataset.line][place].toFixed(3);
    }
    slider.setAttribute("aria-valuetext", `${slider.ariaLabel} ${x[place]}`);
    const drawn = grids.findLast((grid) => Number(grid.dataset.epoch) <= x[place]) ?? grids[0];
    for (const grid of grids) grid.hidden = grid !== drawn;
  };

  plot.addEventListener("pointermove", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(plot.getScreenCTM().inverse()).x;
    const distances = x_px.map((place) => Math.abs(place - at));
    slider.value = distances.indexOf(Math.min(...distances));
    show();
  });
  slider.addEventListener("input", show);
  for (const hidden of scrubber.querySelectorAll(".scripted")) hidden.hidden = false;
  cursor.removeAttribute("visibility");
  show();
}

for (const list of document.querySelectorAll("select[data-chooses]")) {
  const panels = document.querySelectorAll(`[data-panel^="${list.dataset.chooses}-"]`);
  const show = () => panels.forEach((panel) => (panel.hidden = panel.dataset.panel !== `${list.dataset.chooses}-${list.value}`));
  list.addEventListener("change", show);
  list.closest(".scripted").hidden = false;
  show();
}
