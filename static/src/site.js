// The site's scripts. Every page works without them.
import htmx from "htmx.org";
import { combobox } from "./suggest.js";

// The site's policy allows neither inline styles nor code made out of text.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
// Going back asks the server again: the address alone says what a list shows, and a copy would hold dead maps.
htmx.config.historyCacheSize = 0;

const search = document.getElementById("site-search");
if (search) {
  const list = document.getElementById("suggestions");
  const open = (option) => location.assign(option.href);
  const { filled } = combobox(search, list, document.getElementById("suggested"), open);
  list.addEventListener("htmx:afterSwap", filled);
}

// A list is swapped as a whole, its filters with their counts included: see templates/listing.html.

// An address names what was asked for, not every box that was left empty.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id !== "question") return;
  for (const name of [...detail.parameters.keys()]) {
    const kept = detail.formData.getAll(name).filter((value) => value !== "");
    detail.formData.delete(name);
    for (const value of kept) detail.formData.append(name, value);
  }
});

// The language switch lies outside the list and asks what the list asks.
document.addEventListener("htmx:pushedIntoHistory", () => {
  for (const link of document.querySelectorAll("a.language")) link.search = location.search;
});

// What the reader unfolded stays so.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("#listing details[id][open]")].map(({ id }) => id);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target?.id !== "listing") return;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  const total = document.querySelector("#total, #listing .empty h2, #listing .notices");
  const announcement = document.getElementById("announcement");
  if (total && announcement) announcement.textContent = total.textContent.trim();
});

// The focus stays on what was used: htmx finds it by its id. Where it is gone, as a chip is, it goes to the total.
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.target?.id === "listing" && document.activeElement === document.body) {
    document.getElementById("total")?.focus({ preventScroll: true });
  }
});

// A long list of values can be searched.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function searchable(facet) {
  const box = Object.assign(document.createElement("input"), { type: "search", id: `${facet.id}-search` });
  const label = Object.assign(document.createElement("label"), { htmlFor: box.id, textContent: facet.dataset.search });
  const none = Object.assign(document.createElement("p"), { className: "none-fits" });
  none.setAttribute("role", "status");
  box.autocomplete = "off";
  box.addEventListener("input", () => {
    const asked = folded(box.value.trim());
    let shown = 0;
    for (const choice of facet.querySelectorAll(":scope > fieldset label")) {
      choice.hidden = !folded(choice.querySelector("span").textContent).includes(asked);
      shown += !choice.hidden;
    }
    none.textContent = shown ? "" : facet.dataset.none;
  });
  // What is written here is no part of the question.
  box.addEventListener("change", (event) => event.stopPropagation());
  box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  facet.querySelector("fieldset").before(label, box, none);
  return box;
}

function begin(root) {
  const facets = root.matches?.("[data-search]") ? [root] : root.querySelectorAll("details[data-search]");
  for (const facet of facets) if (!document.getElementById(`${facet.id}-search`)) searchable(facet);
}

begin(document);
document.addEventListener("htmx:load", ({ target }) => begin(target));
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  // After "All of …" the next thing to do is to search.
  if (detail.target?.matches(".facet")) document.getElementById(`${detail.target.id}-search`)?.focus();
});
