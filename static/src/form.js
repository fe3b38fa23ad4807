// @ts-check
// The form of an agreement: suggestions while one types, and what is typed is kept every few seconds. Adding, removing
// and finding are buttons that htmx sends in the background; without this script they send the whole page.
import { combobox } from "./suggest.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("agreement-form"));
const kept = /** @type {HTMLElement} */ (document.getElementById("kept"));
const { keep: keepAt = "", login = "", logIn = "", failed = "" } = form.dataset;

/**
 * Suggest parties or sources under a field.
 * @param {HTMLElement} place
 */
function lookUp(place) {
  const box = /** @type {HTMLInputElement} */ (place.querySelector("input"));
  const list = /** @type {HTMLElement} */ (place.querySelector("[role=listbox]"));
  const status = /** @type {HTMLElement} */ (place.querySelector("[role=status]"));
  const find = /** @type {HTMLButtonElement} */ (place.parentElement?.querySelector("button"));
  /** @type {number | undefined} */
  let waiting;
  /** @type {AbortController | undefined} */
  let asking;

  /** @param {HTMLElement} option */
  function take(option) {
    const { key: name = "" } = place.dataset;
    for (const other of form.querySelectorAll(`[name="${name}"]`)) other.remove();
    const key = Object.assign(document.createElement("input"), { type: "hidden", name });
    key.value = option.dataset.key ?? "";
    box.value = option.dataset.name ?? "";
    place.append(key);
    find.click();
  }

  const { filled } = combobox(box, list, status, take);

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const asked = box.value.trim();
    try {
      const address = `${place.dataset.suggest}?q=${encodeURIComponent(asked)}`;
      const answer = asked ? await fetch(address, { signal: asking.signal }) : null;
      list.innerHTML = answer?.ok && !answer.redirected ? await answer.text() : "";
    } catch (error) {
      if (aborted(error)) return;
      list.replaceChildren();
    }
    filled();
  }

  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.defaultPrevented) return;
    clearTimeout(waiting);
    asking?.abort();
    find.click();
  });
  // A row that was exchanged has its field, and the focus, a moment before this listens: what was typed meanwhile counts.
  if (box.value !== box.defaultValue) ask();
}

/** @param {unknown} error */
function aborted(error) {
  return error instanceof Error && error.name === "AbortError";
}

/** @param {ParentNode} root */
function begin(root) {
  for (const place of root.querySelectorAll("[data-suggest]")) lookUp(/** @type {HTMLElement} */ (place));
}

// In a field the Enter key would press the form's first button.
form.addEventListener("keydown", (event) => {
  const field = /** @type {Element} */ (event.target);
  if (event.key === "Enter" && field.matches("input:not([type=file], [type=submit])")) event.preventDefault();
});

// What is typed is kept
const PAUSE = 2000;
const PATIENCE = 3000;
/** @type {number | undefined} */
let timer;
/** @type {AbortController} */
let sending;
/** @type {Promise<void> | undefined} */
let keeping;

function typed() {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  data.set("path", location.pathname);
  return data;
}

async function keep() {
  timer = undefined;
  sending = new AbortController();
  try {
    const answer = await fetch(keepAt, { method: "POST", body: typed(), signal: sending.signal });
    const told = await answer.json();
    kept.textContent = told.said;
    const draft = /** @type {HTMLInputElement} */ (form.elements.namedItem("draft"));
    if (answer.ok) draft.value = told.draft;
    else kept.append(" ", Object.assign(document.createElement("a"), { href: login, textContent: logIn }));
  } catch (error) {
    if (aborted(error)) return;
    kept.textContent = failed;
    later(10 * PAUSE);
  } finally {
    keeping = undefined;
  }
}

function later(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    keeping = keep();
  }, pause);
}

/**
 * What is sent waits for what is just being kept: overtaken, that would be kept for ever.
 * @param {Event} event
 * @param {() => void} then
 */
function first(event, then) {
  clearTimeout(timer);
  timer = undefined;
  if (!keeping) return;
  event.preventDefault();
  setTimeout(sending.abort.bind(sending), PATIENCE);
  keeping.then(then);
}

form.addEventListener("input", () => later());
form.addEventListener("submit", (event) => first(event, () => form.requestSubmit(event.submitter)));
// A button of a row keeps what is typed, too: its answer brings the key under which it is.
form.addEventListener("htmx:confirm", (event) => {
  const { detail } = /** @type {CustomEvent<{ issueRequest: (confirmed: boolean) => void }>} */ (event);
  first(event, () => detail.issueRequest(true));
});
form.addEventListener("htmx:responseError", () => later(PAUSE));
form.addEventListener("htmx:sendError", () => later(PAUSE));
addEventListener("pagehide", () => timer && navigator.sendBeacon(keepAt, typed()));

begin(document);
/** @type {HTMLElement | null} */ (document.querySelector("[autofocus]"))?.focus(); // not every browser does it for what is no field
document.addEventListener("htmx:load", ({ target }) => {
  if (target !== document.body) begin(/** @type {HTMLElement} */ (target));
});
