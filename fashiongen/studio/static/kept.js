// What is kept: searched, put on boards, taken away.
import { ask, get, client, take, upload } from "./api.js";
import { button, capital, make, save, say } from "./dom.js";
import { openGarment, takeAway } from "./garment.js";
import { released } from "./held.js";
import { tileOf } from "./tile.js";
import { forget, garmentsOf, idOf, mark, onChange, refreshKept, state, tell } from "./state.js";
import { Wall } from "./wall.js";

const ORDERS = { newest: "newest first", oldest: "oldest first", rating: "best first" };
export let keptWall = null;

export function kept(main) {
  const stop = new AbortController();
  let turn = 0; // of the last question: answers to earlier ones are dropped
  const asked = { words: "", colour: null, board: null, starred: false, order: "newest" };
  const chosen = new Map(); // ids to garments
  const place = make("div"), note = make("p", { class: "quiet" }), selection = make("div", { class: "selection" });
  const board = make("select", { onchange: (event) => { asked.board = event.target.value || null; showWall(); } });
  const isByColour = make("input", { type: "checkbox", onchange: () => byColour() });
  const colour = make("input", { type: "color", value: "#8e2f3c", "aria-label": "Colour", onchange: () => { isByColour.checked = true; byColour(); } });
  const byColour = () => { asked.colour = isByColour.checked ? colour.value : null; showWall(); };
  main.append(
    make("div", { class: "bar" },
      make("label", {}, "Words", make("input", { type: "search", maxlength: 200, oninput: (event) => { asked.words = event.target.value; showWall(); } })),
      make("label", {}, isByColour, "nearest to", colour),
      make("label", {}, "Board", board),
      make("label", {}, make("input", { type: "checkbox", onchange: (event) => { asked.starred = event.target.checked; showWall(); } }), "starred"),
      make("label", {}, "Order", make("select", { onchange: (event) => { asked.order = event.target.value; showWall(); } },
        ...Object.entries(ORDERS).map(([value, text]) => make("option", { value }, text))))),
    selection, note, place,
    make("details", { class: "whole", ontoggle: (event) => { if (event.target.open) fillHistory(); } },
      make("summary", {}, "The whole collection: history, export, import"),
      make("div", { class: "bar" },
        button("Export all as a file", () => exportAll()),
        make("label", {}, "Import a file", make("input", { type: "file", accept: ".json,application/json", onchange: (event) => read(event.target) }))),
      make("ol", { class: "history", id: "history" })));
  const fill = () => {
    board.replaceChildren(make("option", { value: "" }, "all"),
      ...Object.entries(state.boards).map(([name, count]) => make("option", { value: name, selected: name === asked.board }, `${name} (${count})`)));
  };
  fill();
  fillSelection();
  showWall();
  onChange(() => {
    for (const [id, garment] of chosen) if (idOf(garment) !== id) chosen.delete(id);
    fill();
    fillSelection();
    showWall();
    if (document.querySelector(".whole[open]")) fillHistory();
  }, stop.signal);
  return () => { stop.abort(); keptWall?.end(); keptWall = null; };

  async function showWall() {
    turn += 1;
    const mine = turn;
    const first = await ask("find", { ...asked, start: 0, count: 100 });
    await released();
    if (stop.signal.aborted || mine !== turn) return;
    keptWall?.end();
    const old = keptWall;
    const ratio = Math.max(...state.variants.map((one) => one.height_px / one.width_px));
    keptWall = new Wall({ load: (start, count) => load(start, count, first), tile, total: first.total, ratio, label: "Kept garments" });
    if (old) keptWall.focused = old.focused;
    place.replaceChildren(keptWall.element);
    note.textContent = first.total ? (first.total === 1 ? "1 garment" : `${first.total} garments`) : asked.words || asked.board || asked.starred
      ? "Nothing kept is like that." : "Nothing is kept yet: press Keep below a garment on the wall.";
  }

  async function load(start, count, first) {
    const known = start + count <= first.garments.length ? first.garments.slice(start, start + count) : null;
    const garments = known ?? (await ask("find", { ...asked, start, count })).garments;
    return garments.map(fromRecord);
  }

  function tile(garment) {
    const box = make("input", {
      type: "checkbox", checked: chosen.has(garment.id), "aria-label": `Choose ${garment.words}`,
      onchange: (event) => {
        if (event.target.checked) chosen.set(garment.id, garment);
        else chosen.delete(garment.id);
        fillSelection();
      },
    });
    return [make("label", { class: "choose" }, box), ...tileOf(garment)];
  }

  function fillSelection() {
    if (!chosen.size) {
      selection.replaceChildren(make("p", { class: "quiet" }, "Tick garments to put them on a board or to take them away together."));
      return;
    }
    const name = make("input", { list: "board-names", placeholder: "name of a board", maxlength: 60, "aria-label": "Name of a board" });
    const put = async () => {
      if (!name.value.trim()) return say("Give the board a name");
      const board = name.value.trim();
      await mark([...chosen.keys()], {}, `Put ${chosen.size} on ${board}`, [board]);
      say(`On the board ${board}: ${chosen.size}`);
    };
    const takeOut = async () => {
      const ids = [...chosen.keys()];
      for (const garment of chosen.values()) forget(garment);
      await mark(ids, { kept: false }, `Took out ${ids.length} garments`);
      await refreshKept();
      say(`Not kept any more: ${ids.length}. Undo: U`);
    };
    selection.replaceChildren(make("div", { class: "bar" },
      make("b", {}, `${chosen.size} chosen`), name,
      make("datalist", { id: "board-names" }, ...Object.keys(state.boards).map((one) => make("option", { value: one }))),
      button("Put on the board", () => put()),
      button("Take them out", takeOut),
      button("Choose none", () => { chosen.clear(); fillSelection(); keptWall.refresh(); })),
      takeAway(null, () => [...chosen.keys()]));
  }

  async function exportAll() {
    const { blob, name } = await take("export");
    save(blob, name);
    say(`Saved ${name}`);
  }

  async function read(input) {
    const [file] = input.files;
    const sent = upload(`import/${client}`, file);
    input.value = "";
    const { count } = await sent;
    await refreshKept();
    say(`${count} garments are in the file; those that were not here are now`);
    tell();
  }

  async function fillHistory() {
    const changes = await get("history");
    document.getElementById("history").replaceChildren(...changes.map((one) => make("li", { class: one.is_undone ? "undone" : null },
      make("time", { datetime: one.at }, one.at.replace("T", " ").replace("Z", "")), ` ${capital(one.text)}`)));
  }
}

function fromRecord(record) {
  const { id, variant, latent, description, edits, starred, image_sha256: hash } = record;
  const [garment] = garmentsOf({ garments: [{ latent, words: description, image: `/kept/${id}.png?${hash}`, id, starred }] }, variant, edits);
  return { ...garment, id };
}
