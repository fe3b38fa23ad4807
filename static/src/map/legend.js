// @ts-check
// The colours of the countries by number of agreements (a choropleth), and the legend that tells them.

const STEPS = [1, 10, 50, 250, 1000, 5000, 25000];
const SMALL_STEPS = [1, 2, 5]; // where no country has many
const CLASSES = 5;

export class Choropleth {
  /** @type {number[]} the least number of agreements of each class */
  steps;

  /** @param {number[]} agreements of the countries */
  constructor(agreements) {
    const most = Math.max(...agreements, 1);
    const reached = STEPS.filter((step) => step <= most);
    this.steps = reached.length >= 3 ? reached.slice(-CLASSES) : SMALL_STEPS.filter((step) => step <= most);
    this.steps[0] = 1;
  }

  /**
   * The shade, 1 to 5, of a class.
   * @param {number} index
   */
  shade(index) {
    return this.steps.length > 1 ? 1 + Math.round((index * (CLASSES - 1)) / (this.steps.length - 1)) : 3;
  }

  /**
   * The shade of a number of agreements; 0 for none.
   * @param {number} agreements
   */
  shadeOf(agreements) {
    if (!agreements) return 0;
    return this.shade(this.steps.findLastIndex((step) => agreements >= step));
  }
}

/**
 * Write the classes into the legend.
 * @param {HTMLElement} legend
 * @param {Choropleth} choropleth
 * @param {string} title
 * @param {Intl.NumberFormat} number
 */
export function writeLegend(legend, choropleth, title, number) {
  const entries = choropleth.steps.map((step, index) => {
    const entry = document.createElement("span");
    entry.className = `map-class map-class-${choropleth.shade(index)}`;
    entry.textContent = span(step, choropleth.steps[index + 1], number);
    return entry;
  });
  const label = document.createElement("span");
  label.textContent = title;
  legend.replaceChildren(label, ...entries);
}

/**
 * The numbers of a class, in words: "1", "2–4", "5+".
 * @param {number} step
 * @param {number | undefined} next
 * @param {Intl.NumberFormat} number
 */
function span(step, next, number) {
  if (next === undefined) return `${number.format(step)}+`;
  return next - 1 === step ? `${step}` : `${number.format(step)}–${number.format(next - 1)}`;
}
