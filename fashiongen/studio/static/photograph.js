// A garment of one's own photograph, and the nearest one that a network draws.
import { upload } from "./api.js";
import { capital, make, nearness, say } from "./dom.js";
import { tileOf } from "./tile.js";
import { garmentsOf, onChange, state, titleOf } from "./state.js";

const LABELS = { full: "full-length garment", upper: "upper garment", lower: "lower garment" };

export function photograph(main) {
  const stop = new AbortController();
  const found = make("div", { class: "found" });
  const choice = make("select", {}, ...state.variants.map((one) =>
    make("option", { value: one.name, selected: one.name === state.variant }, titleOf(one))));
  const file = make("input", { type: "file", accept: "image/*", onchange: () => look(file.files[0]) });
  let tile = null, garment = null, turn = 0; // of the last photograph: answers to earlier ones are dropped
  const drop = make("div", {
    class: "drop",
    ondragover: (event) => { event.preventDefault(); drop.classList.add("over"); },
    ondragleave: () => drop.classList.remove("over"),
    ondrop: (event) => { event.preventDefault(); drop.classList.remove("over"); look(event.dataTransfer.files[0]); },
  }, make("label", {}, "Choose a photograph of a whole person, or drop it here", file), make("label", {}, "Draw with", choice));
  main.append(make("h2", {}, "From a photograph"),
    make("p", {}, "The garment is found and cut out, and the network looks for the nearest one that it can draw. The photograph stays on this machine."),
    drop, found);
  addEventListener("paste", (event) => look(event.clipboardData.files[0]), { signal: stop.signal });
  onChange(() => { if (tile) tile.replaceChildren(...tileOf(garment)); }, stop.signal);
  return () => stop.abort();

  async function look(photo) {
    if (!photo) return;
    turn += 1;
    const mine = turn;
    found.replaceChildren(make("p", { class: "quiet looking" }, "Looking …"));
    try {
      const variant = choice.value;
      const answer = await upload(`photograph/${encodeURIComponent(variant)}`, photo);
      if (stop.signal.aborted || mine !== turn) return;
      [garment] = garmentsOf(answer, variant, [{ text: "Nearest to a photograph" }]);
      tile = make("div", { class: "tile" }, ...tileOf(garment));
      const { label, score } = answer.seen;
      found.replaceChildren(
        make("figure", {}, make("img", { src: answer.picture, alt: "The garment in your photograph" }),
          make("figcaption", {}, `${capital(LABELS[label])}, ${Math.round(100 * score)} % sure${answer.is_cut_out ? ", cut out" : ", with what is around it"}`)),
        make("figure", {}, make("img", { src: answer.target, alt: "The same at the network's size" }), make("figcaption", {}, "At the network's size")),
        make("figure", {}, tile, make("figcaption", {}, `The nearest that it draws: ${nearness(answer.distance)}`)));
      say("Found a garment");
    } finally {
      if (mine === turn) {
        file.value = "";
        found.querySelector(".looking")?.remove();
      }
    }
  }
}
