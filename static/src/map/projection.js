// @ts-check
// The projection of the map: Natural Earth, onto a plane of a fixed width from which every scale is drawn.
import { geoNaturalEarth1 } from "d3-geo";

/** @typedef {[x: number, y: number]} Point A point of the projected plane, or of the view in CSS pixels. */
/** @typedef {[longitude: number, latitude: number]} Coordinates Degrees. */

/** The width of the projected world. */
export const WIDTH = 1000;

export const projection = geoNaturalEarth1()
  .precision(0.4)
  .scale(WIDTH / 5.4675)
  .translate([WIDTH / 2, 0]);

/**
 * Where a point of the earth lies on the plane.
 * @param {Coordinates} coordinates
 */
export function project(coordinates) {
  // Nothing of the plane is clipped, so every point has its place.
  return /** @type {Point} */ (projection(coordinates));
}

/**
 * The point of the earth at a point of the plane; null beyond the world's edge.
 * @param {Point} point
 * @returns {Coordinates | null}
 */
export function unproject(point) {
  return projection.invert?.(point) ?? null;
}

/** The edges of what is shown of the plane: nobody lives nearer to the poles. */
export const TOP = project([0, 84])[1];
export const BOTTOM = project([0, -57])[1];

/**
 * How wide the world is where a latitude is drawn: what lies beyond its edge comes back in from the other one.
 * @param {number} latitude
 */
export function widthAt(latitude) {
  return project([180, latitude])[0] - project([-180, latitude])[0];
}
