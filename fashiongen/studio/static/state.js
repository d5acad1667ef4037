// What all views share: the networks, the garment at hand, the mix, likes and dislikes, and what is kept.
import { ask, get, client } from "./api.js";
import { say } from "./dom.js";
import { released } from "./held.js";

export const state = {
  variants: [], // the networks
  variant: null, // the name of the chosen one
  seed: 7,
  truncation: 0.8, // how daring the wall is, as the page says
  current: null, // the garment that is shaped
  mix: [], // up to four
  liked: [],
  disliked: [],
  kept: new Map(), // the id and the star of kept garments that were seen, by variant and latent
  boards: {},
  stepBack: null, // takes back the last step of shaping and says whether there was one
};
const REMEMBERED = ["variant", "seed", "truncation", "current", "mix", "liked", "disliked"]; // over a reload
const MOST_MIXED = 4;
const key = (garment) => `${garment.variant} ${garment.latent}`;

export const variantOf = (name) => state.variants.find((one) => one.name === name);
export const idOf = (garment) => state.kept.get(key(garment))?.id;
export const isStarred = (garment) => Boolean(state.kept.get(key(garment))?.starred);
export const isMixed = (garment) => state.mix.some((one) => key(one) === key(garment));
export const same = (one, other) => key(one) === key(other);

const changed = new EventTarget();
export const onChange = (listener, signal) => changed.addEventListener("change", listener, { signal });
export async function tell() {
  await released();
  changed.dispatchEvent(new Event("change"));
}

/** The name of a network for a list: its title, and the variant where several have that. */
export function titleOf({ title, name }) {
  return state.variants.filter((one) => one.title === title).length > 1 ? `${title} (${name})` : title;
}

export async function start() {
  const answer = await get("start");
  Object.assign(state, { variants: answer.variants, boards: answer.boards, variant: answer.variants[0].name });
  recall();
  count("kept-count", answer.kept);
  count("mix-count", state.mix.length);
  addEventListener("pagehide", () => {
    const kept = Object.fromEntries(REMEMBERED.map((name) => [name, state[name]]));
    sessionStorage.setItem("state", JSON.stringify(kept));
  });
}

/** What this tab was at before it was loaded again, as far as its networks are still there. */
function recall() {
  const kept = JSON.parse(sessionStorage.getItem("state") ?? "{}");
  const isThere = (garment) => Boolean(garment && variantOf(garment.variant));
  if (!variantOf(kept.variant)) return;
  for (const name of ["mix", "liked", "disliked"]) state[name] = kept[name].filter(isThere);
  state.current = isThere(kept.current) ? kept.current : null;
  Object.assign(state, { variant: kept.variant, seed: kept.seed, truncation: kept.truncation });
}

/** The garments of an answer, with what they were drawn from. */
export const garmentsOf = (answer, variant, edits) => answer.garments.map((one, place) => {
  learn(one, variant);
  const { latent, image, words, colours } = one;
  return { latent, image, words, colours, variant, edits: typeof edits === "function" ? edits(place) : edits };
});

/** Notes whether a garment is kept, as the server says. */
function learn({ latent, id, kept = true, starred }, variant) {
  if (id && kept) state.kept.set(key({ variant, latent }), { id, starred });
  else state.kept.delete(key({ variant, latent }));
}

export function count(id, number) {
  const badge = document.getElementById(id);
  badge.textContent = number;
  badge.hidden = !number;
}

export async function refreshKept() {
  const answer = await get("start");
  state.boards = answer.boards;
  count("kept-count", answer.kept);
}

/** Keeps a garment. */
export async function keep(garment) {
  const { variant, latent, edits } = garment;
  const answer = await ask("keep", { garments: [{ variant, latent, edits }], client });
  state.kept.set(key(garment), { id: answer.ids[0], starred: false });
  say(`Kept ${garment.words}. Undo: U`);
  await refreshKept();
  tell();
}

/** Stars a garment, or takes its star away; one that is not kept yet is kept. */
export async function star(garment) {
  if (!idOf(garment)) await keep(garment);
  const id = idOf(garment);
  const starred = !isStarred(garment);
  await mark([id], { starred }, starred ? `Starred ${garment.words}` : `Took the star of ${garment.words}`);
  state.kept.set(key(garment), { id, starred });
  say(starred ? "Starred" : "No star any more");
  tell();
}

export const toggleKept = (garment) => (idOf(garment) ? drop(garment) : keep(garment));

/** Notes that a garment is not kept any more. */
export const forget = (garment) => state.kept.delete(key(garment));

/** Takes a garment out of what is kept; undo brings it back. */
export async function drop(garment) {
  const id = idOf(garment);
  forget(garment);
  await mark([id], { kept: false }, `Took out ${garment.words}`);
  say(`Not kept any more: ${garment.words}. Undo: U`);
  await refreshKept();
}

/** Changes marks of kept garments, and puts them on boards beside those that they are on. */
export async function mark(ids, marks, text, boards = []) {
  const answer = await ask("mark", { ids, marks, client, text: text.slice(0, 120), add_boards: boards });
  state.boards = answer.boards;
  tell();
}

export async function undo(name) {
  if (name === "undo" && state.stepBack?.()) return;
  const { text, garments } = await ask(name, { client });
  say(text ? `${name === "undo" ? "Undone" : "Done again"}: ${text}` : `Nothing to ${name}`);
  for (const garment of garments) learn(garment, garment.variant);
  await refreshKept();
  tell();
}

export function toggleMix(garment) {
  if (isMixed(garment)) state.mix = state.mix.filter((one) => !same(one, garment));
  else if (state.mix.length === MOST_MIXED) return say("Four garments are in the mix: take one out first");
  else if (state.mix.length && state.mix[0].variant !== garment.variant) {
    return say("One network drew the garments of a mix: this one is another's");
  } else state.mix = [...state.mix, garment];
  say(isMixed(garment) ? `In the mix: ${state.mix.length} of ${MOST_MIXED}` : "Taken out of the mix");
  count("mix-count", state.mix.length);
  tell();
}

export function like(garment, isLiked) {
  const [to, from] = isLiked ? ["liked", "disliked"] : ["disliked", "liked"];
  if ([...state.liked, ...state.disliked].some((one) => one.variant !== garment.variant)) forgetLikes();
  state[from] = state[from].filter((one) => !same(one, garment));
  state[to] = [...state[to].filter((one) => !same(one, garment)), garment].slice(-20);
  state.variant = garment.variant;
}

export function forgetLikes() {
  state.liked = [];
  state.disliked = [];
}
