// @ts-check
// Names on the map: of places and of countries, each where it finds room.
import { linesOf } from "./arcs.js";
import { overlap, through } from "./geometry.js";

/** @import { CountryShape } from "./country-shapes.js" */
/** @import { Arc, Country, Place } from "./data.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Point } from "./projection.js" */
/** @import { Viewport } from "./viewport.js" */

/** @typedef {{ width: number, height: number, space: number }} Extent Of a text, and the space left and right of it. */

export class Labels {
  /** @type {Point[][]} the arcs in the view */
  #lines;

  /**
   * @param {CanvasRenderingContext2D} context in the coordinates of the view, with the colours of texts
   * @param {Viewport} viewport
   * @param {Box[]} taken where no name may stand; each name that is written is added
   * @param {Arc[]} arcs to keep clear of: none where there are many, since nobody can keep clear of them
   */
  constructor(context, viewport, taken, arcs) {
    this.context = context;
    this.viewport = viewport;
    this.taken = taken;
    this.#lines = arcs.flatMap((arc) => linesOf(arc).map((line) => line.map(([x, y]) => viewport.onScreen({ x, y }))));
  }

  /**
   * Write the name of a place beside, above or below its circle.
   * @param {Place} place
   * @param {number} radius
   * @param {string} family
   */
  namePlace({ name, towns, ...point }, radius, family) {
    this.context.font = `${towns > 1 ? 600 : 500} 11.5px ${family}`;
    const [x, y] = this.viewport.onScreen(point);
    const r = radius + 4;
    const { width } = this.context.measureText(name);
    /** @type {Point[]} */
    const spots = [
      [x + r, y],
      [x - r - width, y],
      [x - width / 2, y - r - 6],
      [x - width / 2, y + r + 6],
    ];
    const extent = { width, height: 14, space: 2 };
    if (!this.#write(name, extent, spots, true)) this.#write(name, extent, spots, false);
  }

  /**
   * Write the names of countries as an atlas does, where there is room.
   * @param {CountryShape[]} shapes
   * @param {Map<string, Country>} countries by shape
   * @param {string} family
   */
  nameCountries(shapes, countries, family) {
    const { context, viewport } = this;
    context.font = `italic 500 13px ${family}`;
    context.globalAlpha = 0.75;
    for (const { key, middle, room } of shapes) {
      const name = countries.get(key)?.name;
      const [x, y] = viewport.onScreen({ x: middle[0], y: middle[1] });
      if (!name || !viewport.visible([x, y])) continue;
      const { width } = context.measureText(name);
      if (room * viewport.at.k <= width * 0.9) continue;
      /** @type {Point[]} */
      const spots = [0, -14, 14, -26, 26].map((away) => [x - width / 2, y + away]);
      this.#write(name, { width, height: 16, space: 3 }, spots, true);
    }
    context.globalAlpha = 1;
  }

  /**
   * Write a text at the first of some points where it touches nothing; tells whether there was one.
   * @param {string} text
   * @param {Extent} extent
   * @param {Point[]} spots
   * @param {boolean} alone whether it must not touch an arc either
   */
  #write(text, { width, height, space }, spots, alone) {
    for (const [x, y] of spots) {
      /** @type {Box} */
      const box = [x - space, y - height / 2, x + width + space, y + height / 2];
      if (this.#cut(box)) continue;
      if (this.taken.some((other) => overlap(box, other)) || (alone && this.#crossed(box))) continue;
      this.taken.push(box);
      this.context.strokeText(text, x, y);
      this.context.fillText(text, x, y);
      return true;
    }
    return false;
  }

  /**
   * Whether an edge of the view runs through a box.
   * @param {Box} box
   */
  #cut([left, top, right, bottom]) {
    /** @type {(low: number, high: number, end: number) => boolean} */
    const cut = (low, high, end) => (low < 0 && high > 0) || (low < end && high > end);
    return cut(left, right, this.viewport.width) || cut(top, bottom, this.viewport.height);
  }

  /**
   * Whether an arc runs through a box.
   * @param {Box} box
   */
  #crossed(box) {
    return this.#lines.some((points) =>
      points.some((point, index) => index > 0 && through(box, points[index - 1], point)),
    );
  }
}
