// @ts-check
// The map: countries by number of agreements, places and arcs, on canvas.
//
// The world is projected once, to paths of a fixed size; moving is a CSS transform of what is drawn, and drawing follows
// when the hand rests. Finer data come for the part that is looked at. Everything the map says it takes, translated,
// from the figure's attribute.
import { AtlasMap } from "./map/atlas-map.js";

/**
 * Begin every map that a page, or a part of it that was exchanged, has.
 * @param {ParentNode} root
 */
function begin(root) {
  for (const figure of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("figure.map[hidden]"))) {
    // A page may have many small ones: each begins when it is scrolled to.
    if (figure.dataset.points) beginWhenSeen(figure);
    else new AtlasMap(figure).start();
  }
}

/** @param {HTMLElement} figure */
function beginWhenSeen(figure) {
  const watch = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      watch.disconnect();
      new AtlasMap(figure).start();
    },
    { rootMargin: "200px" },
  );
  watch.observe(/** @type {HTMLElement} */ (figure.parentElement));
}

begin(document);
document.addEventListener("htmx:load", ({ target }) => begin(/** @type {HTMLElement} */ (target)));
