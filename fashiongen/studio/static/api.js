// Questions to the studio's server. An answer that is an error is said on the page and thrown as `Refused`.
import { say } from "./dom.js";

export class Refused extends Error {}

// What a click began may end with a refusal: it was said on the page, and nobody else waits for it.
addEventListener("unhandledrejection", (event) => {
  if (event.reason instanceof Refused) event.preventDefault();
});

/** Who makes changes here: each tab undoes its own. */
export const client = (() => {
  const known = sessionStorage.getItem("client");
  const mine = known ?? `client-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
  sessionStorage.setItem("client", mine);
  return mine;
})();

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    return refuse("the studio does not answer: is it still running?");
  }
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    return refuse(answer.error ?? `the studio answers with ${response.status}`);
  }
  return response;
}

function refuse(text) {
  say(text, { isFault: true });
  throw new Refused(text);
}

const post = (name, question) => request(`/api/${name}`, {
  method: "POST", keepalive: name === "mark", body: JSON.stringify(question), headers: { "content-type": "application/json" },
});

export const ask = async (name, question) => (await post(name, question)).json();
export const get = async (name) => (await request(`/api/${name}`)).json();
export const upload = async (path, file) => (await request(`/api/${path}`, { method: "POST", body: file })).json();

/** A file, and its name as the server gives it. */
export async function take(name, question) {
  const response = question ? await post(name, question) : await request(`/api/${name}`);
  const [, file] = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "") ?? [null, name];
  return { blob: await response.blob(), name: file };
}

/** Calls `send` with the latest value alone: those that come while it is busy replace each other. */
export function latest(send) {
  let next = null, isBusy = false;
  return async function offer(value) {
    next = { value };
    if (isBusy) return; // the call that is busy sends it
    isBusy = true;
    try {
      while (next) {
        const { value: current } = next;
        next = null;
        await send(current);
      }
    } finally {
      isBusy = false;
    }
  };
}
