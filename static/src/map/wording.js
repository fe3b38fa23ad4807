// @ts-check
// What a map says in words: what something on it is, and what is drawn.

/** @import { MapData, Place } from "./data.js" */
/** @import { Kind, Settings } from "./settings.js" */
/** @import { Target } from "./targets.js" */

export class Wording {
  /**
   * @param {Settings} settings
   * @param {MapData} data
   */
  constructor(settings, data) {
    this.settings = settings;
    this.data = data;
    this.plural = new Intl.PluralRules(settings.addresses.language);
    this.number = new Intl.NumberFormat(settings.addresses.language);
    /** @type {Kind} what is counted */
    this.counted = settings.members ? "members" : "agreements";
  }

  /**
   * A number of something.
   * @param {Kind} kind
   * @param {number} n
   */
  count(kind, n) {
    const [one, other] = this.settings.words[kind];
    return (this.plural.select(n) === "one" ? one : other).replace("{n}", this.number.format(n));
  }

  /** @param {Place} place */
  #placeName({ name, towns }) {
    return towns === 1 ? name : this.count("others", towns - 1).replace("{name}", name);
  }

  /**
   * What something is, in two lines.
   * @param {Target} target
   * @returns {[head: string, line: string]}
   */
  describe(target) {
    if (target.kind === "country") return [target.country.name, this.count(this.counted, target.country.agreements)];
    if (target.kind === "arc") {
      const { a, b, agreements } = target.arc;
      return [`${this.#placeName(a)} – ${this.#placeName(b)}`, this.count(this.counted, agreements)];
    }
    const { place } = target;
    if (this.settings.points) return [place.name, place.country];
    const name = this.#placeName(place);
    const country = this.data.countryNames.get(place.country);
    return [country ? `${name}, ${country}` : name, this.count(this.counted, place.agreements)];
  }

  /**
   * What is drawn.
   * @param {number} thinned how many arcs are drawn, where some were left out; else 0
   */
  summary(thinned) {
    const parts = [this.#drawn()];
    const { missing } = this.data.first;
    if (missing) parts.push(this.count(this.settings.members ? "missing_members" : "missing", missing));
    if (thinned) parts.push(this.count("thinned", thinned));
    return parts.join(" ");
  }

  #drawn() {
    const { words } = this.settings;
    if (!this.data.places.length) return words.nothing;
    const { countries, places, total } = this.data.first;
    const known = new Set(countries.code.filter((_, index) => countries.agreements[index])).size;
    const towns = places.towns.reduce((sum, number) => sum + number, 0);
    return words.summary
      .replace("{agreements}", this.count(this.counted, total))
      .replace("{places}", this.count("places", towns))
      .replace("{countries}", this.count("countries", known));
  }
}
