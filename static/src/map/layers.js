// @ts-check
// The canvases of a map, one over the other: ground, links, and what is chosen. They reach beyond the view, so that the
// map can be moved a while before it is drawn anew.

/** @import { Position, Viewport } from "./viewport.js" */

export class Layers {
  /**
   * @param {HTMLElement} view that they are put into
   * @param {Viewport} viewport
   */
  constructor(view, viewport) {
    this.viewport = viewport;
    this.stage = document.createElement("div");
    this.stage.className = "map-stage";
    view.prepend(this.stage);
    this.ground = this.#layer("map-ground");
    this.links = this.#layer("map-links");
    this.chosen = this.#layer("map-chosen");
    /** @type {Position} where the map was when it was drawn */
    this.drawn = viewport.at;
    this.fit();
  }

  /** @param {string} name */
  #layer(name) {
    const canvas = document.createElement("canvas");
    canvas.className = name;
    this.stage.append(canvas);
    return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /** Take the size of the view. */
  fit() {
    const { width, height, density, beyond } = this.viewport;
    const [mx, my] = beyond;
    for (const { canvas } of [this.ground, this.links, this.chosen]) {
      canvas.width = (width + 2 * mx) * density;
      canvas.height = (height + 2 * my) * density;
      canvas.style.width = `${width + 2 * mx}px`;
      canvas.style.height = `${height + 2 * my}px`;
    }
    this.stage.style.left = `${-mx}px`;
    this.stage.style.top = `${-my}px`;
  }

  /**
   * Put a layer into the coordinates of the projected world.
   * @param {CanvasRenderingContext2D} context
   */
  toWorld(context) {
    const { at, beyond, density: d } = this.viewport;
    context.setTransform(d * at.k, 0, 0, d * at.k, d * (at.x + beyond[0]), d * (at.y + beyond[1]));
  }

  /**
   * Put a layer into the coordinates of the view.
   * @param {CanvasRenderingContext2D} context
   */
  toView(context) {
    const { beyond, density: d } = this.viewport;
    context.setTransform(d, 0, 0, d, d * beyond[0], d * beyond[1]);
  }

  /** @param {CanvasRenderingContext2D} context */
  clear(context) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  }

  /** Whether what is drawn is drawn where the map is now. */
  get current() {
    return this.drawn === this.viewport.at;
  }

  /** Say that all layers are being drawn where the map is now. */
  settle() {
    this.drawn = this.viewport.at;
    this.stage.style.transform = "";
  }

  /** Move what is drawn to where the map is now. */
  follow() {
    const { at, beyond } = this.viewport;
    const [mx, my] = beyond;
    const scale = at.k / this.drawn.k;
    const x = at.x - scale * this.drawn.x + mx - scale * mx;
    const y = at.y - scale * this.drawn.y + my - scale * my;
    this.stage.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }
}
