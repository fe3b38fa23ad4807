// @ts-check
// Geometry of the plane: distances from lines, boxes that overlap, lines through boxes.

/** @import { Point } from "./projection.js" */
/** @typedef {[left: number, top: number, right: number, bottom: number]} Box */

/**
 * The distance of a point from lines: from the nearest of their segments.
 * @param {number} x
 * @param {number} y
 * @param {Point[][]} lines
 */
export function distance(x, y, lines) {
  let best = Infinity;
  for (const line of lines) {
    for (let index = 1; index < line.length; index += 1) {
      const [ax, ay] = line[index - 1];
      const [bx, by] = line[index];
      const dx = bx - ax;
      const dy = by - ay;
      const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      best = Math.min(best, Math.hypot(x - ax - along * dx, y - ay - along * dy));
    }
  }
  return best;
}

/**
 * Whether two boxes have something in common.
 * @param {Box} a
 * @param {Box} b
 */
export function overlap(a, b) {
  return a[2] >= b[0] && a[0] <= b[2] && a[3] >= b[1] && a[1] <= b[3];
}

/**
 * Whether a straight line runs through a box: some part of it lies between the left and the right, the top and the bottom.
 * @param {Box} box
 * @param {Point} from
 * @param {Point} to
 */
export function through([x0, y0, x1, y1], [ax, ay], [bx, by]) {
  let [from, to] = [0, 1];
  for (const [a, b, low, high] of [
    [ax, bx, x0, x1],
    [ay, by, y0, y1],
  ]) {
    if (a === b) {
      if (a < low || a > high) return false;
      continue;
    }
    const [enter, leave] = [(low - a) / (b - a), (high - a) / (b - a)].sort((one, other) => one - other);
    [from, to] = [Math.max(from, enter), Math.min(to, leave)];
  }
  return from <= to;
}
