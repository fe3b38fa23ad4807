// The site's scripts. Every page works without them.
import htmx from "htmx.org";

// The site's policy allows neither inline styles nor code made out of text.
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;

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

// What the reader unfolded stays so.
let unfolded = [];
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = [...document.querySelectorAll("#listing details[id][open]")].map(({ id }) => id);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.id !== "listing") return;
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  const total = document.querySelector("#total, #listing .empty h2, #listing .notices");
  const announcement = document.getElementById("announcement");
  if (total && announcement) announcement.textContent = total.textContent.trim();
});
