// @ts-check
// The cells of the server's data: towns in one cell come as one place. Each scale has the cells that suit it.
import { WIDTH } from "./projection.js";

/** @import { WholeAnswer } from "./data.js" */
/** @import { Viewport } from "./viewport.js" */

/**
 * The names of the cells' sizes, and degrees that a cell measures: those of `partnerships/agreements/map_data.py`.
 * @type {[band: string, degrees: number][]}
 */
const BANDS = [
  ["globe", 8],
  ["world", 4],
  ["continent", 2],
  ["country", 1],
  ["region", 0.5],
  ["district", 0.2],
  ["town", 0.06],
  ["place", 0.02],
];
const CELL_PIXELS = 18; // a cell is at least as wide on screen
const FEW = 80; // places: no finer cells are asked for where as few are single towns, no coarser ones ever

/** @param {number} k a scale */
function fitting(k) {
  const pixels = (k * WIDTH) / 360;
  return BANDS.findLast(([, degrees]) => degrees * pixels >= CELL_PIXELS) ?? BANDS[0];
}

/**
 * The band whose cells suit a scale.
 * @param {number} k
 */
export function bandAt(k) {
  return fitting(k)[0];
}

/**
 * What to ask for, where the map is now: nothing where the first answer does, all of a coarser band, a part of a finer
 * one; a band, or a band and a box.
 * @param {WholeAnswer} first
 * @param {Viewport} viewport
 */
export function wantedCells({ cell, places }, viewport) {
  const [band, degrees] = fitting(viewport.at.k);
  const few = places.name.length < FEW;
  if (degrees === cell || (few && (degrees > cell || places.towns.every((towns) => towns === 1)))) return "";
  return degrees > cell ? band : `${band} ${viewport.box(degrees)}`;
}
