// One garment, shaped by sliders and colours, and others near it that are changed alike.
import { ask, latest } from "./api.js";
import { button, capital, make, nearness, say } from "./dom.js";
import { picture } from "./tile.js";
import { openGarment } from "./garment.js";
import { garmentsOf, idOf, isStarred, keep, onChange, state, toggleMix } from "./state.js";

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
  const room = {
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
    const { variant } = room.base;
    const latents = [room.base, ...room.around].map((one) => one.latent);
    const answer = await ask("shape", { variant, latents, sliders: room.amounts });
    const moved = describe();
    const garments = garmentsOf(answer, variant, (place) =>
      [...(place ? room.around[place - 1] : room.base).story, ...(moved ? [{ text: moved }] : [])]);
    [room.shown] = garments;
    state.current = room.shown;
    render(garments);
  });
  onChange(fillActions, stop.signal);
  begin();
  return () => stop.abort();

  async function begin() {
    if (!state.current || !state.variants.some((one) => one.name === state.current.variant)) {
      const { variant, seed, daring } = state;
      [state.current] = garmentsOf(await ask("wall", { variant, seed, daring, start: 0, count: 1 }), variant,
        [{ text: `Number 1 of wall ${seed}, daring ${daring}` }]);
    }
    await stand(state.current);
    room.known = await ask("sliders", { variant: room.base.variant });
    fillSliders();
  }

  /** Starts anew from a garment, with all sliders in the middle. */
  async function stand(garment) {
    room.base = room.shown = garment;
    room.amounts = {};
    const answer = await ask("near", { variant: garment.variant, latent: garment.latent, seed: room.seed, count: NEAR });
    room.around = garmentsOf(answer, garment.variant, [...garment.story, { text: "One near it" }].slice(-100));
    await draw();
    if (room.known.length) fillSliders();
  }

  async function go(garment) {
    room.past.push(room.shown);
    await stand(garment);
  }

  function render(garments) {
    const [first, ...others] = garments;
    big.replaceChildren(make("img", { src: first.image, alt: capital(first.words) }), make("p", {}, capital(first.words)));
    for (const [part, colour] of Object.entries(first.colours)) pickers[part].value = colour;
    near.replaceChildren(...others.map((one) => picture(one, { onclick: () => go(one) })));
    fillActions();
  }

  function fillActions() {
    if (!room.shown) return;
    const id = idOf(room.shown);
    actions.replaceChildren(
      button(id ? (isStarred(room.shown) ? "★ Starred" : "Star") : "Keep", () => keep(room.shown), { class: "main" }),
      button("Mix", () => toggleMix(room.shown)),
      button("Look closer", () => openGarment(room.shown)),
      button("Back", () => stand(room.past.pop()), { disabled: !room.past.length }),
      button("Other neighbours", () => { room.seed += 1; stand(room.shown); }));
  }

  function fillSliders() {
    const rows = room.known.map((one) => {
      const output = make("output", {}, "0");
      const input = make("input", {
        type: "range", min: -REACH, max: REACH, step: 0.25, value: 0, "aria-label": one.name || `${one.less} to ${one.more}`,
        oninput: (event) => {
          room.amounts[one.number] = Number(event.target.value);
          output.textContent = event.target.value;
          draw();
        },
      });
      return make("div", { class: "slider" },
        make("div", { class: "ends" },
          one.name ? make("b", {}, one.name) : make("span", {}, one.less), one.name ? null : make("span", {}, one.more)),
        input, output,
        button("✎", () => rename(one), { class: "plain", "aria-label": `Rename ${one.name || one.more}`, title: "Rename" }));
    });
    sliders.replaceChildren(...rows,
      make("div", { class: "actions" }, button("All to the middle", () => { room.amounts = {}; fillSliders(); draw(); })),
      make("p", { class: "quiet" }, "The names are guesses from measurements: what each slider changes most, on average."));
  }

  function rename(one) {
    const index = room.known.indexOf(one);
    const row = sliders.children[index];
    const input = make("input", { value: one.name, maxlength: 40, placeholder: one.more, "aria-label": "Name of the slider" });
    const done = async () => {
      await ask("slider-name", { variant: room.base.variant, number: one.number, name: input.value });
      one.name = input.value.trim();
      const amounts = { ...room.amounts };
      fillSliders();
      for (const [number, amount] of Object.entries(amounts)) {
        const at = room.known.findIndex((other) => other.number === Number(number));
        sliders.children[at].querySelector("input").value = amount;
        sliders.children[at].querySelector("output").textContent = amount;
      }
    };
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") input.blur(); });
    input.addEventListener("change", () => done());
    row.querySelector(".ends").replaceChildren(input);
    input.focus();
  }

  function describe() {
    const moved = room.known.filter((one) => room.amounts[one.number]);
    return moved.map((one) => {
      const amount = room.amounts[one.number];
      return one.name ? `${one.name} ${amount}` : `${amount > 0 ? one.more : one.less} ${Math.abs(amount)}`;
    }).join(", ").slice(0, 200);
  }

  async function recolour(colour, part) {
    const { variant, latent, story } = room.shown;
    const answer = await ask("recolour", { variant, latent, colour, part });
    const steps = [...story, { text: `${PARTS[part]} towards ${colour}` }].slice(-100);
    await go(garmentsOf(answer, variant, steps)[0]);
    say(`${PARTS[part]} in ${colour}: ${nearness(answer.distance)}`);
  }
}
