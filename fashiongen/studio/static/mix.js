// Two to four garments blended, the way between two, and the outline of one in the colours of another.
import { ask, latest, take } from "./api.js";
import { button, capital, make, nearness, save, say } from "./dom.js";
import { picture, tileOf } from "./tile.js";
import { garmentsOf, onChange, state, toggleMix, variantOf } from "./state.js";
import { enter } from "./views.js";

const STEPS = 9, GIF_STEPS = 24;

export function mix(main) {
  const stop = new AbortController();
  const weights = new Map();
  let size = -1;
  onChange(() => {
    if (state.mix.length !== size) build();
    else for (const refresh of refreshing) refresh();
  }, stop.signal);
  let refreshing = [];
  build();
  return () => stop.abort();

  function build() {
    size = state.mix.length;
    refreshing = [];
    const mixed = state.mix; // answers about another mix than this are dropped
    const isGone = () => stop.signal.aborted || state.mix !== mixed;
    if (size < 2) return main.replaceChildren(invite());
    const result = make("div", { class: "result" }), way = make("div", { class: "way" }), borrowed = make("div", { class: "result" });
    const names = state.mix.map((_, place) => String.fromCharCode(65 + place));
    const blend = latest(async () => {
      const [{ variant }] = mixed;
      const shares = mixed.map((one) => weights.get(one) ?? 0.5);
      if (!shares.some(Boolean)) return say("All shares are 0: raise one");
      const answer = await ask("blend", { variant, latents: mixed.map((one) => one.latent), weights: shares });
      if (isGone()) return;
      const total = shares.reduce((sum, share) => sum + share, 0);
      const words = shares.map((share, place) => `${Math.round((100 * share) / total)} % ${mixed[place].words}`).join(" + ");
      show(result, garmentsOf(answer, variant, [...mixed[0].edits, { text: `Mixed: ${words}`.slice(0, 200) }].slice(-100)));
    });
    const writeShares = () => {
      const shares = mixed.map((one) => weights.get(one) ?? 0.5), total = shares.reduce((sum, share) => sum + share, 0);
      parts.forEach((part, place) => { part.querySelector("output").textContent = `${total ? Math.round((100 * shares[place]) / total) : 0} %`; });
    };
    const parts = state.mix.map((one, place) => make("div", { class: "part" },
      make("b", {}, names[place]), picture(one),
      make("label", {}, "Share", make("input", {
        type: "range", min: 0, max: 1, step: 0.05, value: weights.get(one) ?? 0.5, "aria-label": `Share of ${names[place]}, ${one.words}`,
        oninput: (event) => { weights.set(one, Number(event.target.value)); writeShares(); blend(); },
      }), make("output")),
      button("Take out", () => toggleMix(one), { class: "plain", "aria-label": `Take out ${names[place]}` })));
    const pick = (chosen) => make("select", {}, ...names.map((name, place) => make("option", { value: place, selected: place === chosen }, name)));
    const [from, to, outline, colours] = [pick(0), pick(1), pick(0), pick(1)];
    for (const select of [from, to]) select.addEventListener("change", () => walk());
    main.replaceChildren(
      make("div", { class: "mixing" },
        make("section", { "aria-label": "In the mix" }, make("h2", {}, "In the mix"), make("div", { class: "parts" }, ...parts)),
        make("section", { "aria-label": "The mix" }, make("h2", {}, "The mix"), result)),
      make("section", {}, make("h2", {}, "The way between two"),
        make("div", { class: "bar" }, make("label", {}, "From", from), make("label", {}, "to", to), button("Save as GIF", () => gif())),
        way),
      make("section", {}, make("h2", {}, "The outline of one in the colours of another"),
        make("div", { class: "bar" }, make("label", {}, "Outline of", outline), make("label", {}, "colours of", colours),
          button("Try it", () => borrow())),
        make("p", { class: "quiet" }, "A search: this network decides outline and colours together, so it finds the garment that comes nearest to both. A print is not carried over."),
        borrowed));
    const ends = () => ({ variant: mixed[0].variant, first: mixed[from.value].latent, last: mixed[to.value].latent });
    writeShares();
    blend();
    walk();

    function show(place, garments, note = null) {
      const tiles = garments.map((one) => make("div", { class: "tile" }));
      const refresh = () => tiles.forEach((tile, index) => tile.replaceChildren(...tileOf(garments[index])));
      refreshing = [...refreshing.filter((other) => other.place !== place), Object.assign(refresh, { place })];
      refresh();
      place.replaceChildren(...tiles, ...(note ? [make("p", { class: "quiet" }, note)] : []));
    }

    async function walk() {
      const answer = await ask("path", { ...ends(), steps: STEPS });
      if (isGone()) return;
      const words = `from ${mixed[from.value].words} to ${mixed[to.value].words}`;
      show(way, garmentsOf(answer, mixed[0].variant, (place) => [{ text: `Step ${place + 1} of ${STEPS} ${words}` }]));
    }

    async function gif() {
      const { blob, name } = await take("path.gif", { ...ends(), steps: GIF_STEPS });
      save(blob, name);
      say(`Saved ${name}`);
    }

    async function borrow() {
      const [shape, other] = [mixed[outline.value], mixed[colours.value]];
      borrowed.replaceChildren(make("p", { class: "quiet" }, "Searching …"));
      const answer = await ask("take-colours", { variant: shape.variant, shape: shape.latent, colours: other.latent });
      if (isGone()) return;
      const edits = [...shape.edits, { text: `In the colours of ${other.words}` }].slice(-100);
      show(borrowed, garmentsOf(answer, shape.variant, edits), capital(`${nearness(answer.distance)} in its colours`));
    }
  }

  function invite() {
    const have = state.mix.length ? make("div", { class: "parts" }, ...state.mix.map((one) => make("div", { class: "part" }, picture(one), button("Take out", () => toggleMix(one))))) : null;
    return make("div", { class: "invite" },
      make("h2", {}, state.mix.length ? "One more garment, and they can be mixed" : "Mix two to four garments"),
      make("p", {}, "Press ", make("b", {}, "Mix"), " below a garment on the wall, or the key M."), have,
      button("To the wall", () => enter("explore"), { class: "main" }));
  }
}
