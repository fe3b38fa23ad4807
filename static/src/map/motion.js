// @ts-check
// Movement of the map: what is drawn follows at once, as a CSS transform; it is drawn anew when the map rests.

/** @import { Layers } from "./layers.js" */
/** @import { Point } from "./projection.js" */
/** @import { Position, Viewport } from "./viewport.js" */

/** @typedef {{ smooth?: boolean }} Manner */

const RESTS = 110; // milliseconds without movement after which is drawn
const LASTS = 260; // milliseconds of a smooth movement

const still = matchMedia("(prefers-reduced-motion: reduce)");

export class Motion {
  #frame = 0;
  #timer = 0;

  /**
   * @param {Viewport} viewport
   * @param {Layers} layers
   * @param {{ moved: () => void, rested: () => void }} tell what is called then
   */
  constructor(viewport, layers, { moved, rested }) {
    this.viewport = viewport;
    this.layers = layers;
    this.moved = moved;
    this.rested = rested;
  }

  /**
   * Move the map, as far as the world stays in view.
   * @param {Position} position
   * @param {Manner} [manner]
   */
  to(position, { smooth = false } = {}) {
    const target = this.viewport.bounded(position);
    this.halt();
    if (!smooth || still.matches) {
      this.#put(target);
      return;
    }
    const from = this.viewport.at;
    const start = performance.now();
    /** @param {number} now */
    const step = (now) => {
      const t = Math.min(1, (now - start) / LASTS);
      const eased = 1 - (1 - t) ** 3;
      const k = from.k * (target.k / from.k) ** eased;
      // The point that stays where it is decides where the map is at each scale.
      const share = target.k === from.k ? eased : (k - from.k) / (target.k - from.k);
      this.#put({ k, x: from.x + (target.x - from.x) * share, y: from.y + (target.y - from.y) * share });
      if (t < 1) this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  /**
   * Come closer by a factor, or move away; a point of the view stays where it is: its middle, unless another is named.
   * @param {number} factor
   * @param {Manner & { point?: Point }} [manner]
   */
  zoom(factor, { point = [this.viewport.width / 2, this.viewport.height / 2], ...manner } = {}) {
    const { at } = this.viewport;
    const [x, y] = point;
    const k = this.viewport.limited(at.k * factor);
    const real = k / at.k;
    this.to({ k, x: x - (x - at.x) * real, y: y - (y - at.y) * real }, manner);
  }

  /** End a smooth movement where it is. */
  halt() {
    cancelAnimationFrame(this.#frame);
  }

  /** Forget that the map is still to rest: it is being drawn. */
  settle() {
    clearTimeout(this.#timer);
  }

  /** @param {Position} position */
  #put(position) {
    this.viewport.at = position;
    this.layers.follow();
    this.moved();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.rested, RESTS);
  }
}
