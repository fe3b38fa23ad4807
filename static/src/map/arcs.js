// @ts-check
// Arcs between two places, as curves of the projected plane that bow to the north: great circles would crowd round the
// pole.
import { widthAt } from "./projection.js";

/** @import { Arc, Place } from "./data.js" */
/** @import { Point } from "./projection.js" */
/** @typedef {[from: Point, control: Point, to: Point]} Curve A quadratic Bézier curve. */

/**
 * The curves of an arc: one, or two at the edges of the map. They are worked out when they are first drawn.
 * @param {Arc} arc
 */
export function curvesOf(arc) {
  arc.curves ??= curves(arc.a, arc.b);
  return arc.curves;
}

/**
 * The curves of an arc as lines of short straight segments, for what asks how near it is or what it crosses.
 * @param {Arc} arc
 */
export function linesOf(arc) {
  arc.lines ??= curvesOf(arc).map(sampled);
  return arc.lines;
}

/**
 * The curves between two places. Where the way over the 180th meridian is shorter there are two, one at each edge.
 * @param {Place} a
 * @param {Place} b
 * @returns {Curve[]}
 */
function curves(a, b) {
  const across = b.coordinates[0] - a.coordinates[0];
  if (Math.abs(across) <= 180) return [bowed([a.x, a.y], [b.x, b.y])];
  const side = Math.sign(across);
  return [
    bowed([a.x, a.y], [b.x - side * widthAt(b.coordinates[1]), b.y]),
    bowed([a.x + side * widthAt(a.coordinates[1]), a.y], [b.x, b.y]),
  ];
}

/**
 * @param {Point} from
 * @param {Point} to
 * @returns {Curve}
 */
function bowed([ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const bow = 0.16 * (dx < 0 ? -1 : 1);
  return [
    [ax, ay],
    [(ax + bx) / 2 + dy * bow, (ay + by) / 2 - dx * bow],
    [bx, by],
  ];
}

/**
 * Add an arc to a path of the canvas.
 * @param {Path2D} path
 * @param {Arc} arc
 */
export function trace(path, arc) {
  for (const [[ax, ay], [cx, cy], [bx, by]] of curvesOf(arc)) {
    path.moveTo(ax, ay);
    path.quadraticCurveTo(cx, cy, bx, by);
  }
}

/**
 * Points along a curve.
 * @param {Curve} curve
 * @returns {Point[]}
 */
function sampled([[ax, ay], [cx, cy], [bx, by]]) {
  return Array.from({ length: 17 }, (_, step) => {
    const t = step / 16;
    const u = 1 - t;
    return [u * u * ax + 2 * u * t * cx + t * t * bx, u * u * ay + 2 * u * t * cy + t * t * by];
  });
}
