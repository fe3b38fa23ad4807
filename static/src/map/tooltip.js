// @ts-check

/** @import { Point } from "./projection.js" */
/** @import { Viewport } from "./viewport.js" */

/** The box that names what is pointed at. */
export class Tooltip {
  /**
   * @param {HTMLElement} element
   * @param {Viewport} viewport
   */
  constructor(element, viewport) {
    this.element = element;
    this.viewport = viewport;
  }

  /**
   * Show two lines above a point of the view, or below it where there is no room.
   * @param {[head: string, line: string]} lines
   * @param {Point} point
   */
  show([head, line], [x, y]) {
    const { element } = this;
    const strong = document.createElement("strong");
    strong.textContent = head;
    const small = document.createElement("span");
    small.textContent = line;
    element.replaceChildren(strong, small);
    element.hidden = false;
    const { offsetWidth, offsetHeight } = element;
    const left = Math.max(4, Math.min(this.viewport.width - offsetWidth - 4, x - offsetWidth / 2));
    const above = y - offsetHeight - 14;
    element.style.left = `${left}px`;
    element.style.top = `${above < 4 ? y + 18 : above}px`;
  }

  hide() {
    this.element.hidden = true;
  }
}
