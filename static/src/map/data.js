// @ts-check
// The data of a map: what the server answers, and the places, arcs and countries made of it.
import { load } from "./load.js";
import { project } from "./projection.js";

/** @import { Curve } from "./arcs.js" */
/** @import { Coordinates, Point } from "./projection.js" */

/**
 * @typedef {object} Answer What `/map.json` answers, in columns: see `partnerships/agreements/map_data.py`.
 * @property {number} cell degrees that a cell measures
 * @property {PlaceColumns} places
 * @property {ArcColumns} arcs the strongest first
 * @property {number} total agreements, or members
 * @property {number} missing of them, with a party without coordinates
 */
/** @typedef {Answer & { countries: CountryColumns }} WholeAnswer The answer for the whole world. */

/**
 * @typedef {object} PlaceColumns
 * @property {number[]} longitude
 * @property {number[]} latitude
 * @property {string[]} name
 * @property {number[]} towns how many are gathered there
 * @property {number[]} agreements
 * @property {string[]} reference of its town; of several, separated by commas, where they will not come apart
 * @property {string[]} country its code; empty where the towns lie in several
 * @property {number[]} far the places outside the part that was asked for, which an arc leads to
 */
/**
 * @typedef {object} ArcColumns
 * @property {number[]} from
 * @property {number[]} to
 * @property {number[]} agreements
 * @property {string[]} reference of its only agreement; none at all where there are too many arcs
 */
/**
 * @typedef {object} CountryColumns
 * @property {string[]} shape the code of three letters
 * @property {string[]} code the code of two letters
 * @property {string[]} name
 * @property {number[]} agreements
 */

/**
 * @typedef {object} Place A town, or several near one another.
 * @property {string} name
 * @property {Coordinates} coordinates
 * @property {number} x on the projected plane
 * @property {number} y
 * @property {number} towns
 * @property {number} agreements
 * @property {string} reference
 * @property {string} country
 * @property {boolean} far whether it lies outside the part that was asked for: only its arcs are drawn
 * @property {Arc[]} arcs
 */
/**
 * @typedef {object} Arc The agreements between two places.
 * @property {Place} a
 * @property {Place} b
 * @property {number} agreements
 * @property {string} reference
 * @property {Curve[]} [curves] see `curvesOf`
 * @property {Point[][]} [lines] see `linesOf`
 */
/**
 * @typedef {object} Country
 * @property {string} shape
 * @property {string} code
 * @property {string} name
 * @property {number} agreements
 */

/**
 * @typedef {object} Question What a map asks the server.
 * @property {string} address of the data
 * @property {string} language
 * @property {string} query the parameters of the list that the map shows
 * @property {WholeAnswer | null} points what a page brings along, such as places to choose from: it is drawn as it is, and
 *   nothing finer can be asked for
 */

/** @type {WholeAnswer} */
const NOTHING = {
  cell: 0,
  places: { longitude: [], latitude: [], name: [], towns: [], agreements: [], reference: [], country: [], far: [] },
  arcs: { from: [], to: [], agreements: [], reference: [] },
  countries: { shape: [], code: [], name: [], agreements: [] },
  total: 0,
  missing: 0,
};

export class MapData {
  /** The answer for the whole world, which came first. */
  first = NOTHING;
  /** @type {Place[]} the places of the first answer */
  firstPlaces = [];
  /** @type {Place[]} */
  places = [];
  /** @type {Arc[]} */
  arcs = [];
  /** The agreements of the strongest arc. */
  strongest = 1;
  /** The agreements of the largest place. */
  largest = 1;
  /** @type {Map<string, Country>} by shape */
  countries = new Map();
  /** @type {Map<string, string>} by code */
  countryNames = new Map();
  /** @type {AbortController | undefined} */
  #request;

  /** @param {Question} question */
  constructor(question) {
    this.question = question;
  }

  /**
   * Ask the server; the question before is given up.
   * @param {string} band the finest cells that may be used
   * @param {string} [box] the part of the world that is wanted
   * @returns {Promise<Answer>}
   */
  async ask(band, box) {
    const { address, language, query, points } = this.question;
    if (points) return points;
    const parameters = new URLSearchParams(query);
    parameters.set("lang", language);
    parameters.set("band", band);
    if (box) parameters.set("bbox", box);
    this.#request?.abort();
    this.#request = new AbortController();
    return /** @type {Promise<Answer>} */ (load(`${address}?${parameters}`, this.#request.signal));
  }

  /**
   * Take the answer for the whole world, which tells of countries too.
   * @param {WholeAnswer} answer
   */
  begin(answer) {
    this.first = answer;
    this.take(answer);
    this.firstPlaces = this.places;
    const { shape, code, name, agreements } = answer.countries;
    for (const [index, key] of shape.entries()) {
      const country = { shape: key, code: code[index], name: name[index], agreements: agreements[index] };
      this.countries.set(key, country);
      this.countryNames.set(country.code, country.name);
    }
  }

  /**
   * Take places and arcs out of the columns.
   * @param {Answer} answer
   */
  take({ places, arcs }) {
    const far = new Set(places.far);
    this.places = places.name.map((name, index) => {
      /** @type {Coordinates} */
      const coordinates = [places.longitude[index], places.latitude[index]];
      const [x, y] = project(coordinates);
      return {
        name,
        coordinates,
        x,
        y,
        towns: places.towns[index],
        agreements: places.agreements[index],
        reference: places.reference[index],
        country: places.country[index],
        far: far.has(index),
        arcs: [],
      };
    });
    this.arcs = arcs.from.map((from, index) => {
      const [a, b] = [this.places[from], this.places[arcs.to[index]]];
      /** @type {Arc} */
      const arc = { a, b, agreements: arcs.agreements[index], reference: arcs.reference[index] ?? "" };
      a.arcs.push(arc);
      b.arcs.push(arc);
      return arc;
    });
    this.strongest = this.arcs[0]?.agreements ?? 1;
    this.largest = this.places.reduce((most, place) => (place.far ? most : Math.max(most, place.agreements)), 1);
  }

  /**
   * The place of what is drawn now that holds the first town of another one, which was drawn before.
   * @param {Place} place
   */
  again(place) {
    const held = firstTown(place);
    return this.places.find((one) => !one.far && firstTown(one) === held);
  }
}

/** @param {Place} place */
function firstTown(place) {
  return place.reference.split(",")[0];
}
