// @ts-check
// What the page tells its maps: words, addresses and what to show, in attributes of the figure and of what is round it.

/** @import { WholeAnswer } from "./data.js" */

/** @typedef {[one: string, other: string]} Counted A phrase for one and for more, with `{n}` in the number's place. */

/**
 * @typedef {object} Words All that a map writes, translated: see `coopdir/templatetags/maps.py`.
 * @property {Counted} agreements
 * @property {Counted} members
 * @property {Counted} places
 * @property {Counted} countries
 * @property {Counted} others
 * @property {Counted} missing
 * @property {Counted} missing_members
 * @property {Counted} thinned
 * @property {string} summary
 * @property {string} nothing
 * @property {string} failed
 * @property {string} open
 * @property {string} closer
 * @property {string} legend
 */
/** @typedef {"agreements" | "members" | "places" | "countries" | "others" | "missing" | "missing_members" | "thinned"} Kind */

/**
 * @typedef {object} Addresses Of data and pages, with `X` in the place of a code or reference: see `coopdir/map.py`.
 * @property {string} data
 * @property {string} agreements
 * @property {string} agreement
 * @property {string} country
 * @property {string} town
 * @property {string} language
 */

/**
 * @typedef {object} Settings
 * @property {Words} words
 * @property {Addresses} addresses
 * @property {string} query the parameters of the list that the map shows
 * @property {WholeAnswer | null} points places that the page brings along, in the place of the server's answer
 * @property {boolean} small on the page of a record
 * @property {boolean} members whether members of a network are shown, instead of agreements
 * @property {string} coarse the file of the shapes of the world
 * @property {string} fine the file of the shapes from near
 */

/**
 * The settings of a map.
 * @param {HTMLElement} figure
 * @returns {Settings}
 */
export function settingsOf(figure) {
  const options = /** @type {HTMLElement} */ (figure.closest("[data-map]")).dataset.map ?? "{}";
  /** @type {{ words: Words, addresses: Addresses }} */
  const { words, addresses } = JSON.parse(options);
  const { query = "", points, coarse = "", fine = "" } = figure.dataset;
  return {
    words,
    addresses,
    query,
    points: points ? JSON.parse(points) : null,
    small: figure.classList.contains("map-small"),
    members: new URLSearchParams(query).has("members"),
    coarse,
    fine,
  };
}
