// @ts-check
// What can be pointed at on the map: a place, an arc, a country; and which of them is at a point.
import { linesOf } from "./arcs.js";
import { distance } from "./geometry.js";

/** @import { CountryShape } from "./country-shapes.js" */
/** @import { Arc, Country, Place } from "./data.js" */
/** @import { Drawing } from "./drawing.js" */
/** @import { Point } from "./projection.js" */

/** @typedef {{ kind: "place", place: Place }} PlaceTarget */
/** @typedef {{ kind: "arc", arc: Arc }} ArcTarget */
/** @typedef {{ kind: "country", country: Country, shape: CountryShape }} CountryTarget */
/** @typedef {PlaceTarget | ArcTarget | CountryTarget} Target */

const MOST_ARCS = 400; // above which nobody can point at one

/**
 * What is drawn at a point of the view.
 * @param {Drawing} drawing
 * @param {Point} point
 * @param {number} reach pixels by which a place or an arc may be missed
 * @returns {Target | null}
 */
export function targetAt(drawing, point, reach) {
  return placeAt(drawing, point, reach) ?? arcAt(drawing, point, reach) ?? countryAt(drawing, point);
}

/**
 * @param {Drawing} drawing
 * @param {Point} point
 * @param {number} reach
 * @returns {PlaceTarget | null}
 */
function placeAt(drawing, [x, y], reach) {
  let best = null;
  let nearest = Infinity;
  for (const place of drawing.places) {
    const [px, py] = drawing.viewport.onScreen(place);
    const away = Math.hypot(px - x, py - y) - drawing.radius(place);
    if (away < reach && away < nearest) [best, nearest] = [place, away];
  }
  return best && { kind: "place", place: best };
}

/**
 * @param {Drawing} drawing
 * @param {Point} point
 * @param {number} reach
 * @returns {ArcTarget | null}
 */
function arcAt({ arcs, viewport }, point, reach) {
  if (arcs.length > MOST_ARCS) return null;
  const [x, y] = viewport.onMap(point);
  let best = null;
  let nearest = (reach - 1) / viewport.at.k;
  for (const arc of arcs) {
    const away = distance(x, y, linesOf(arc));
    if (away < nearest) [best, nearest] = [arc, away];
  }
  return best && { kind: "arc", arc: best };
}

/**
 * @param {Drawing} drawing
 * @param {Point} point
 * @returns {CountryTarget | null}
 */
function countryAt({ shapes, layers, viewport, data }, point) {
  const [x, y] = viewport.onMap(point);
  const context = layers.chosen;
  // `isPointInPath` asks in the layer's own coordinates.
  context.setTransform(1, 0, 0, 1, 0, 0);
  for (const shape of shapes?.countries ?? []) {
    if (x < shape.x0 || x > shape.x1 || y < shape.y0 || y > shape.y1) continue;
    const country = data.countries.get(shape.key);
    if (country && context.isPointInPath(shape.path, x, y)) return { kind: "country", country, shape };
  }
  return null;
}

/**
 * Whether two targets are the same thing.
 * @param {Target | null} a
 * @param {Target | null} b
 */
export function same(a, b) {
  return a === b || (a !== null && b !== null && a.kind === b.kind && thing(a) === thing(b));
}

/** @param {Target} target */
function thing(target) {
  if (target.kind === "place") return target.place;
  return target.kind === "arc" ? target.arc : target.shape;
}
