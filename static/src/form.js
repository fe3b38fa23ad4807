// The form of an agreement: suggestions while one types, and what is typed is kept every few seconds. Adding, removing
// and finding are buttons that htmx sends in the background; without this script they send the whole page.
import { combobox } from "./suggest.js";

const form = document.getElementById("agreement-form");
const kept = document.getElementById("kept");

// Suggestions
function lookUp(place) {
  const box = place.querySelector("input");
  const list = place.querySelector("[role=listbox]");
  const find = place.parentElement.querySelector("button");
  let waiting, asking;

  function take(option) {
    for (const other of form.querySelectorAll(`[name="${place.dataset.key}"]`)) other.remove();
    const key = Object.assign(document.createElement("input"), { type: "hidden", name: place.dataset.key });
    key.value = option.dataset.key;
    box.value = option.dataset.name;
    place.append(key);
    find.click();
  }

  const { filled } = combobox(box, list, place.querySelector("[role=status]"), take);

  async function ask() {
    asking?.abort();
    asking = new AbortController();
    const asked = box.value.trim();
    try {
      const address = `${place.dataset.suggest}?q=${encodeURIComponent(asked)}`;
      const answer = asked ? await fetch(address, { signal: asking.signal }) : null;
      list.innerHTML = answer?.ok && !answer.redirected ? await answer.text() : "";
    } catch (error) {
      if (error.name === "AbortError") return;
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

function begin(root) {
  for (const place of root.querySelectorAll("[data-suggest]")) lookUp(place);
}

// In a field the Enter key would press the form's first button.
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input:not([type=file], [type=submit])")) event.preventDefault();
});

// What is typed is kept
const PAUSE = 2000;
const PATIENCE = 3000;
let timer, sending, keeping;

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
    const answer = await fetch(form.dataset.keep, { method: "POST", body: typed(), signal: sending.signal });
    const told = await answer.json();
    kept.textContent = told.said;
    if (answer.ok) form.elements.draft.value = told.draft;
    else
      kept.append(
        " ",
        Object.assign(document.createElement("a"), { href: form.dataset.login, textContent: form.dataset.logIn }),
      );
  } catch (error) {
    if (error.name === "AbortError") return;
    kept.textContent = form.dataset.failed;
    later(10 * PAUSE);
  } finally {
    keeping = undefined;
  }
}

function later(pause = PAUSE) {
  clearTimeout(timer);
  timer = setTimeout(() => (keeping = keep()), pause);
}

// What is sent waits for what is just being kept: overtaken, that would be kept for ever.
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
form.addEventListener("htmx:confirm", (event) => first(event, () => event.detail.issueRequest(true)));
form.addEventListener("htmx:responseError", () => later(PAUSE));
form.addEventListener("htmx:sendError", () => later(PAUSE));
addEventListener("pagehide", () => timer && navigator.sendBeacon(form.dataset.keep, typed()));

begin(document);
document.querySelector("[autofocus]")?.focus(); // not every browser does it for what is no field
document.addEventListener("htmx:load", ({ target }) => target !== document.body && begin(target));
