// The endless wall of garments.
import { ask } from "./api.js";
import { button, make } from "./dom.js";
import { picture, tileOf } from "./tile.js";
import { forgetLikes, garmentsOf, onChange, state, titleOf, variantOf } from "./state.js";
import { Wall } from "./wall.js";

const LARGEST_SEED = 9999; // of those that are drawn at random
const LARGEST_NUMBER = 2 ** 31 - 1;
let left = null; // the wall that was left last, and how far it was seen
export let wall = null;

export function explore(main) {
  const stop = new AbortController();
  const place = make("div");
  const choice = make("select", { id: "variant", onchange: (event) => { state.variant = event.target.value; forgetLikes(); showWall(); } },
    ...state.variants.map((one) => make("option", { value: one.name, selected: one.name === state.variant }, titleOf(one))));
  const seed = make("input", {
    type: "number", min: 0, max: LARGEST_NUMBER, value: state.seed,
    onchange: (event) => {
      state.seed = Math.min(LARGEST_NUMBER, Math.abs(Math.trunc(event.target.value)) || 0);
      event.target.value = state.seed;
      forgetLikes();
      showWall();
    },
  });
  const truncation = make("input", {
    type: "range", min: 0.5, max: 1.3, step: 0.1, value: state.truncation, 
    onchange: (event) => { state.truncation = Number(event.target.value); forgetLikes(); showWall(); },
  });
  const likes = make("div", { class: "likes" });
  main.append(
    make("div", { class: "bar" },
      make("label", {}, "Show", choice),
      make("label", {}, "Wall number", seed),
      button("Another wall", () => { state.seed = Math.floor(Math.random() * LARGEST_SEED); seed.value = state.seed; forgetLikes(); showWall(); }),
      make("label", { class: "range" }, "Safe", truncation, make("span", {}, "Daring"))),
    likes, place,
  );
  showWall();
  onChange(() => wall.refresh(), stop.signal);

  function showWall() {
    wall?.end();
    const variant = variantOf(state.variant);
    const isChosen = state.liked.length + state.disliked.length > 0;
    wall = new Wall({ load: isChosen ? loadAlike : loadWall, tile: tileOf, ratio: variant.height_px / variant.width_px });
    if (left?.of === nameOf()) wall.resume(left);
    place.replaceChildren(wall.element);
    likes.replaceChildren(...(isChosen ? showLikes() : []));
  }

  function showLikes() {
    const strip = (text, garments) => garments.length ? [make("b", {}, text), ...garments.map((one) => picture(one))] : [];
    return [...strip("More like", state.liked), ...strip("Less like", state.disliked),
      button("Back to all", () => { forgetLikes(); showWall(); })];
  }

  return () => {
    left = { of: nameOf(), lowest: wall.lowest, scrollY: window.scrollY };
    stop.abort();
    wall.end();
    wall = null;
  };
}

/** What a wall shows: equal names are equal walls. */
const nameOf = () => JSON.stringify([state.variant, state.seed, state.truncation, state.liked.length, state.disliked.length]);

async function loadWall(start, count) {
  const { variant, seed, truncation } = state;
  const answer = await ask("wall", { variant, seed, truncation, start, count });
  return garmentsOf(answer, variant, (place) => [{ text: `Number ${start + place + 1} of wall ${seed}, daring ${truncation}` }]);
}

async function loadAlike(start, count) {
  const { variant, liked, disliked } = state;
  const latents = (garments) => garments.map((one) => one.latent);
  const answer = await ask("alike", { variant, liked: latents(liked), disliked: latents(disliked), seed: 1000 + start, count });
  const words = [liked.length && `like ${liked.length}`, disliked.length && `unlike ${disliked.length}`].filter(Boolean).join(", ");
  return garmentsOf(answer, variant, [{ text: `Chosen among random ones: ${words}` }]);
}
