// @ts-check
// The view of the map: its size, and where the projected world lies in it.
import { BOTTOM, TOP, unproject, WIDTH } from "./projection.js";

/** @import { Place } from "./data.js" */
/** @import { Point } from "./projection.js" */

/**
 * @typedef {object} Position Where the map is: a point of the plane is drawn at `k` times its coordinates, moved by `x`
 *   and `y`.
 * @property {number} k
 * @property {number} x
 * @property {number} y
 */

const MARGIN = 0.2; // of the view, drawn beyond each of its edges
const NARROW = 500; // pixels below which a view shows less
const CLOSEST = 1000;
const BUTTONS = 40; // pixels that the buttons take of the width

export class Viewport {
  width = 0;
  height = 0;
  /** @type {[across: number, down: number]} pixels drawn beyond each edge */
  beyond = [0, 0];
  /** Pixels of the screen to a pixel of CSS. */
  density = 1;
  /** @type {Position} */
  at = { k: 1, x: 0, y: 0 };

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    this.measure();
  }

  /** Read the size, in CSS pixels. */
  measure() {
    this.width = this.element.clientWidth;
    this.height = this.element.clientHeight;
    this.beyond = [Math.round(this.width * MARGIN), Math.round(this.height * MARGIN)];
    this.density = Math.min(2, devicePixelRatio || 1);
  }

  /** Whether the element has another size than was measured. */
  get resized() {
    return this.element.clientWidth !== this.width || this.element.clientHeight !== this.height;
  }

  get narrow() {
    return this.width < NARROW;
  }

  /**
   * A scale within the limits.
   * @param {number} k
   */
  limited(k) {
    return Math.max(this.whole.k, Math.min(CLOSEST, k));
  }

  /** Where the whole world fits the view. */
  get whole() {
    const k = Math.min(this.width / WIDTH, this.height / (BOTTOM - TOP));
    return { k, x: (this.width - k * WIDTH) / 2, y: (this.height - k * (TOP + BOTTOM)) / 2 };
  }

  /** The position in which the world fills the view from top to bottom: a narrow one shows a part of it. */
  get world() {
    const k = this.height / (BOTTOM - TOP);
    return this.bounded({ k, x: this.width / 2 - k * (WIDTH / 2 + 20), y: -k * TOP });
  }

  /**
   * The position in which some places fit.
   * @param {Place[]} places
   */
  around(places) {
    const xs = places.map((place) => place.x);
    const ys = places.map((place) => place.y);
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const space = this.narrow ? 22 : 36;
    const k = Math.min((this.width - BUTTONS - 2 * space) / (x1 - x0), (this.height - 2 * space) / (y1 - y0), 14);
    const cover = this.height / (BOTTOM - TOP);
    if (this.narrow && k < cover) {
      // A narrow view cannot hold the world: it shows where there is most.
      const most = places.reduce((a, b) => (b.agreements > a.agreements ? b : a));
      return this.bounded({ k: cover, x: this.width / 2 - cover * most.x, y: -cover * TOP });
    }
    const scale = Math.max(k, this.whole.k);
    return this.bounded({
      k: scale,
      x: (this.width - BUTTONS) / 2 - (scale * (x0 + x1)) / 2,
      y: this.height / 2 - (scale * (y0 + y1)) / 2,
    });
  }

  /**
   * The position nearest to one that keeps the world in view.
   * @param {Position} position
   * @returns {Position}
   */
  bounded({ k, x, y }) {
    const scale = this.limited(k);
    /** @type {(value: number, size: number, low: number, high: number) => number} */
    const keep = (value, size, low, high) => {
      const free = size - scale * (high - low);
      return free >= 0 ? free / 2 - scale * low : Math.max(size - scale * high, Math.min(-scale * low, value));
    };
    return { k: scale, x: keep(x, this.width, 0, WIDTH), y: keep(y, this.height, TOP, BOTTOM) };
  }

  /**
   * The part of the world in view and half a view around, rounded so that near views ask for the same: west, south, east
   * and north.
   * @param {number} degrees that a cell measures
   */
  box(degrees) {
    const step = Math.max(degrees * 10, 0.5);
    const points = [];
    for (let i = 0; i <= 8; i += 1) {
      for (const [px, py] of [
        [i / 8, -0.3],
        [i / 8, 1.3],
        [-0.3, i / 8],
        [1.3, i / 8],
        [i / 8, 0.5],
      ]) {
        const point = unproject(this.onMap([px * this.width, py * this.height]));
        if (point) points.push([Math.max(-180, Math.min(180, point[0])), Math.max(-90, Math.min(90, point[1]))]);
      }
    }
    const [lon, lat] = [points.map((point) => point[0]), points.map((point) => point[1])];
    /** @type {(values: number[], limit: number) => number} */
    const low = (values, limit) => Math.max(limit, Math.floor(Math.min(...values) / step) * step);
    /** @type {(values: number[], limit: number) => number} */
    const high = (values, limit) => Math.min(limit, Math.ceil(Math.max(...values) / step) * step);
    return [low(lon, -180), low(lat, -90), high(lon, 180), high(lat, 90)].map((value) => +value.toFixed(2)).join(",");
  }

  /**
   * Where a point of the plane is in the view.
   * @param {{ x: number, y: number }} point
   * @returns {Point}
   */
  onScreen({ x, y }) {
    return [x * this.at.k + this.at.x, y * this.at.k + this.at.y];
  }

  /**
   * The point of the plane at a point of the view.
   * @param {Point} point
   * @returns {Point}
   */
  onMap([x, y]) {
    return [(x - this.at.x) / this.at.k, (y - this.at.y) / this.at.k];
  }

  /**
   * Whether a point of the view is drawn.
   * @param {Point} point
   * @param {number} [space] pixels round it that count
   */
  visible([x, y], space = 0) {
    const [mx, my] = this.beyond;
    return x > -mx - space && x < this.width + mx + space && y > -my - space && y < this.height + my + space;
  }
}
