// @ts-check
// The site's scripts. Every page works without them.
import htmx from "htmx.org";
import { combobox } from "./suggest.js";

// The site's policy allows neither inline styles nor code made out of text.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
// Going back asks the server again: the address alone says what a list shows, and a copy would hold dead maps.
htmx.config.historyCacheSize = 0;

/** @typedef {{ elt: HTMLElement, target: HTMLElement | null, parameters: FormData, formData: FormData }} Detail */

/**
 * Listen to an event of htmx.
 * @param {string} name
 * @param {(detail: Detail) => void} listener
 */
function on(name, listener) {
  document.addEventListener(name, (event) => listener(/** @type {CustomEvent<Detail>} */ (event).detail));
}

const search = /** @type {HTMLInputElement | null} */ (document.getElementById("site-search"));
if (search) {
  const list = /** @type {HTMLElement} */ (document.getElementById("suggestions"));
  const status = /** @type {HTMLElement} */ (document.getElementById("suggested"));
  /** @param {HTMLElement} option */
  const open = (option) => location.assign(/** @type {HTMLAnchorElement} */ (option).href);
  const { filled } = combobox(search, list, status, open);
  list.addEventListener("htmx:afterSwap", filled);
}

// A list is swapped as a whole, its filters with their counts included: see templates/listing.html.

// An address names what was asked for, not every box that was left empty.
on("htmx:configRequest", ({ elt, parameters, formData }) => {
  if (elt.id !== "question") return;
  for (const name of [...parameters.keys()]) {
    const kept = formData.getAll(name).filter((value) => value !== "");
    formData.delete(name);
    for (const value of kept) formData.append(name, value);
  }
});

// The language switch lies outside the list and asks what the list asks.
document.addEventListener("htmx:pushedIntoHistory", () => {
  const links = /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a.language"));
  for (const link of links) link.search = location.search;
});

// What the reader unfolded stays so.
/** @type {string[]} */
let unfolded = [];
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("#listing details[id][open]")].map(({ id }) => id);
});
on("htmx:afterSwap", ({ target }) => {
  if (target?.id !== "listing") return;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  const total = document.querySelector("#total, #listing .empty h2, #listing .notices");
  const announcement = document.getElementById("announcement");
  if (total && announcement) announcement.textContent = total.textContent?.trim() ?? "";
});

// The focus stays on what was used: htmx finds it by its id. Where it is gone, as a chip is, it goes to the total.
on("htmx:afterSettle", ({ target }) => {
  if (target?.id === "listing" && document.activeElement === document.body) {
    document.getElementById("total")?.focus({ preventScroll: true });
  }
});

// A long list of values can be searched.
/** @param {string} text */
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Put a search box over the choices of a facet.
 * @param {HTMLElement} facet
 */
function searchable(facet) {
  const box = Object.assign(document.createElement("input"), { type: "search", id: `${facet.id}-search` });
  const label = Object.assign(document.createElement("label"), { htmlFor: box.id, textContent: facet.dataset.search });
  const none = Object.assign(document.createElement("p"), { className: "none-fits" });
  none.setAttribute("role", "status");
  box.autocomplete = "off";
  box.addEventListener("input", () => {
    const asked = folded(box.value.trim());
    let shown = 0;
    const choices = /** @type {NodeListOf<HTMLElement>} */ (facet.querySelectorAll(":scope > fieldset label"));
    for (const choice of choices) {
      choice.hidden = !folded(choice.querySelector("span")?.textContent ?? "").includes(asked);
      if (!choice.hidden) shown += 1;
    }
    none.textContent = shown ? "" : (facet.dataset.none ?? "");
  });
  // What is written here is no part of the question.
  box.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  facet.querySelector("fieldset")?.before(label, box, none);
  return box;
}

/** @param {Document | HTMLElement} root */
function begin(root) {
  const own = root instanceof HTMLElement && root.matches("[data-search]");
  /** @type {Iterable<HTMLElement>} */
  const facets = own ? [root] : root.querySelectorAll("details[data-search]");
  for (const facet of facets) if (!document.getElementById(`${facet.id}-search`)) searchable(facet);
}

begin(document);
document.addEventListener("htmx:load", ({ target }) => begin(/** @type {HTMLElement} */ (target)));
on("htmx:afterSettle", ({ target }) => {
  // After "All of …" the next thing to do is to search.
  if (target?.matches(".facet")) document.getElementById(`${target.id}-search`)?.focus();
});
