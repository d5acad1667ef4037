// One garment, shaped by sliders and colours, and others near it that are changed alike.
import { ask, latest } from "./api.js";
import { button, capital, make, nearness, say } from "./dom.js";
import { picture } from "./tile.js";
import { openGarment } from "./garment.js";
import { garmentsOf, idOf, isMixed, isStarred, onChange, star, state, toggleKept, toggleMix } from "./state.js";

const NEAR = 15, REACH = 4;
const PARTS = { all: "Whole garment", top: "Upper half", bottom: "Lower half" };

export function shape(main) {
  const stop = new AbortController();
  const big = make("div", { class: "big" }), actions = make("div", { class: "actions" });
  const sliders = make("div", { class: "sliders" }, make("p", { class: "quiet" }, "Finding what this network can change …"));
  const near = make("div", { class: "near" });
  const pickers = Object.fromEntries(Object.keys(PARTS).map((part) =>
    [part, make("input", { type: "color", onchange: (event) => recolour(event.target.value, part) })]));
  const colours = make("fieldset", { class: "colours" }, make("legend", {}, "Colours"),
    ...Object.entries(PARTS).map(([part, text]) => make("label", {}, pickers[part], text)));
  const shaped = {
    base: null, // the garment that the sliders start from
    around: [], // garments near it
    shown: null, // the base with the sliders moved
    amounts: {},
    past: [],
    known: [], // the network's sliders
    seed: 1,
  };
  main.append(make("div", { class: "shape" },
    make("section", { "aria-label": "The garment" }, big, actions),
    make("section", { "aria-label": "Sliders" }, make("h2", {}, "Shape"), colours, sliders),
    make("section", { "aria-label": "Garments near it" }, make("h2", {}, "Near it, changed alike"), near)));
  const draw = latest(async () => {
    const { variant } = shaped.base;
    const latents = [shaped.base, ...shaped.around].map((one) => one.latent);
    const answer = await ask("shape", { variant, latents, sliders: shaped.amounts });
    if (stop.signal.aborted) return;
    const moved = describe();
    const garments = garmentsOf(answer, variant, (place) =>
      [...(place ? shaped.around[place - 1] : shaped.base).edits, ...(moved ? [{ text: moved }] : [])].slice(-100));
    [shaped.shown] = garments;
    state.current = shaped.shown;
    render(garments);
  });
  onChange(fillActions, stop.signal);
  begin();
  state.stepBack = stepBack;
  return () => { stop.abort(); state.stepBack = null; };

  async function begin() {
    if (!state.current || !state.variants.some((one) => one.name === state.current.variant)) {
      const { variant, seed, truncation } = state;
      [state.current] = garmentsOf(await ask("wall", { variant, seed, truncation, start: 0, count: 1 }), variant,
        [{ text: `Number 1 of wall ${seed}, daring ${truncation}` }]);
    }
    await startFrom(state.current);
    if (stop.signal.aborted) return;
    shaped.known = await ask("sliders", { variant: shaped.base.variant });
    fillSliders();
  }

  /** Starts anew from a garment, with all sliders in the middle. */
  async function startFrom(garment, amounts = {}) {
    shaped.base = shaped.shown = garment;
    shaped.amounts = amounts;
    const answer = await ask("near", { variant: garment.variant, latent: garment.latent, seed: shaped.seed, count: NEAR });
    if (stop.signal.aborted) return;
    shaped.around = garmentsOf(answer, garment.variant, [...garment.edits, { text: "One near it" }].slice(-100));
    await draw();
    if (shaped.known.length) fillSliders();
  }

  async function goTo(garment) {
    remember();
    await startFrom(garment);
  }

  /** Notes the garment and its sliders as what a step back leads to. */
  function remember(amounts = shaped.amounts) {
    shaped.past.push({ base: shaped.base, amounts: { ...amounts } });
    fillActions();
  }

  function stepBack() {
    const last = shaped.past.pop();
    if (!last) return false;
    say("One step back");
    if (last.base === shaped.base) {
      shaped.amounts = last.amounts;
      fillSliders();
      draw();
    } else startFrom(last.base, last.amounts);
    return true;
  }

  function render(garments) {
    const [first, ...others] = garments;
    big.replaceChildren(make("img", { src: first.image, alt: capital(first.words) }), make("p", {}, capital(first.words)));
    for (const [part, colour] of Object.entries(first.colours)) pickers[part].value = colour;
    near.replaceChildren(...others.map((one) => picture(one, { onclick: () => goTo(one) })));
    fillActions();
  }

  function fillActions() {
    if (!shaped.shown) return;
    const id = idOf(shaped.shown);
    actions.replaceChildren(
      button(id ? "Take it out" : "Keep", () => toggleKept(shaped.shown), { class: id ? null : "main" }),
      button(isStarred(shaped.shown) ? "★ Starred" : "Star", () => star(shaped.shown)),
      button(isMixed(shaped.shown) ? "Out of the mix" : "Mix", () => toggleMix(shaped.shown)),
      button("Look closer", () => openGarment(shaped.shown)),
      button("Back", stepBack, { disabled: !shaped.past.length }),
      button("Other neighbours", () => { shaped.seed += 1; startFrom(shaped.shown); }));
  }

  function fillSliders() {
    const rows = shaped.known.map((one) => {
      const amount = shaped.amounts[one.number] ?? 0;
      const output = make("output", {}, String(amount));
      let before = null; // the sliders before this one was taken hold of
      const input = make("input", {
        type: "range", min: -REACH, max: REACH, step: 0.25, value: amount, "aria-label": one.name || `${one.less} to ${one.more}`,
        onchange: () => { if (before) remember(before); before = null; },
        oninput: (event) => {
          before ??= { ...shaped.amounts };
          shaped.amounts[one.number] = Number(event.target.value);
          output.textContent = event.target.value;
          draw();
        },
      });
      return make("div", { class: "slider" },
        make("div", { class: "ends" },
          make("span", {}, one.less), one.name ? make("b", {}, one.name) : null, make("span", {}, one.more)),
        input, output,
        button("✎", () => rename(one), { class: "plain", "aria-label": `Rename ${one.name || one.more}`, title: "Rename" }));
    });
    sliders.replaceChildren(...rows,
      make("div", { class: "actions" }, button("All to the middle", () => { remember(); shaped.amounts = {}; fillSliders(); draw(); })),
      make("p", { class: "quiet" }, "The names are guesses from measurements: what each slider changes most, on average."));
  }

  function rename(one) {
    const index = shaped.known.indexOf(one);
    const row = sliders.children[index];
    const input = make("input", { value: one.name, maxlength: 40, placeholder: one.more, "aria-label": "Name of the slider" });
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape") input.value = one.name;
      if (event.key === "Enter" || event.key === "Escape") input.blur();
    });
    input.addEventListener("blur", async () => {
      const name = input.value.trim();
      if (name !== one.name) await ask("slider-name", { variant: shaped.base.variant, number: one.number, name });
      one.name = name;
      fillSliders();
    });
    row.querySelector(".ends").replaceChildren(input);
    input.focus();
  }

  function describe() {
    const moved = shaped.known.filter((one) => shaped.amounts[one.number]);
    return moved.map((one) => {
      const amount = shaped.amounts[one.number];
      return one.name ? `${one.name} ${amount}` : `${amount > 0 ? one.more : one.less} ${Math.abs(amount)}`;
    }).join(", ").slice(0, 200);
  }

  async function recolour(colour, part) {
    const { variant, latent, edits } = shaped.shown;
    say("Searching …");
    colours.disabled = true;
    let answer;
    try {
      answer = await ask("recolour", { variant, latent, colour, part });
    } finally {
      colours.disabled = false;
    }
    if (stop.signal.aborted) return;
    const steps = [...edits, { text: `${PARTS[part]} towards ${colour}` }].slice(-100);
    await goTo(garmentsOf(answer, variant, steps)[0]);
    say(`${PARTS[part]} in ${colour}: ${nearness(answer.distance)}`);
  }
}
