// @ts-check
// What a map draws: the countries, the arcs and circles of places with their names, and over them what is chosen.
import { trace } from "./arcs.js";
import { Labels } from "./labels.js";

/** @import { WorldShapes } from "./country-shapes.js" */
/** @import { Arc, MapData, Place } from "./data.js" */
/** @import { Box } from "./geometry.js" */
/** @import { Layers } from "./layers.js" */
/** @import { Choropleth } from "./legend.js" */
/** @import { Target } from "./targets.js" */
/** @import { Viewport } from "./viewport.js" */

const COLOURS = "sea land 1 2 3 4 5 border coast grid arc dot rim text halo chosen".split(" ");
const FEW_ARCS = 60; // below which each can be followed
const NAMES_FROM = 1.6; // the scale from which countries are named

/** The arcs' three weights: those of one agreement, the others, the strongest. */
const WEIGHTS = {
  few: { alpha: [0.55, 0.65, 0.75], width: [0.9, 1.2, 1.8] },
  many: { alpha: [0.15, 0.21, 0.4], width: [0.6, 0.8, 1.5] },
};

export class Drawing {
  /** @type {WorldShapes | null} */
  shapes = null;
  /** @type {Record<string, string>} the colours, by their names in the stylesheet */
  palette = {};
  /** @type {Arc[]} the arcs that are drawn */
  arcs = [];
  /** @type {Place[]} the places that are drawn, the largest first */
  places = [];

  /**
   * @param {HTMLElement} figure
   * @param {Layers} layers
   * @param {Viewport} viewport
   * @param {MapData} data
   */
  constructor(figure, layers, viewport, data) {
    this.figure = figure;
    this.layers = layers;
    this.viewport = viewport;
    this.data = data;
  }

  /**
   * Draw everything where the map is now.
   * @param {WorldShapes} shapes
   * @param {Choropleth | null} choropleth none where the countries are all alike
   * @param {Target | null} chosen
   */
  draw(shapes, choropleth, chosen) {
    const style = getComputedStyle(this.figure);
    this.shapes = shapes;
    this.palette = Object.fromEntries(COLOURS.map((name) => [name, style.getPropertyValue(`--map-${name}`).trim()]));
    this.layers.settle();
    this.#drawGround(shapes, choropleth);
    this.#drawArcs();
    this.#drawPlaces(shapes);
    this.drawChosen(chosen);
  }

  /**
   * @param {WorldShapes} shapes
   * @param {Choropleth | null} choropleth
   */
  #drawGround(shapes, choropleth) {
    const { layers, palette, viewport } = this;
    const context = layers.ground;
    const { k } = viewport.at;
    layers.clear(context);
    layers.toWorld(context);
    context.fillStyle = palette.sea;
    context.fill(shapes.sphere);
    context.lineJoin = "round";
    context.strokeStyle = palette.grid;
    context.lineWidth = 0.5 / k;
    context.stroke(shapes.graticule);
    const [mx, my] = viewport.beyond;
    const quiet = Math.max(0.35, Math.min(1, 1 - (k - 3) / 10)); // where one country fills the view, its shade says little
    for (const country of shapes.countries) {
      const [x0, y0] = viewport.onScreen({ x: country.x0, y: country.y0 });
      const [x1, y1] = viewport.onScreen({ x: country.x1, y: country.y1 });
      if (x1 < -mx || y1 < -my || x0 > viewport.width + mx || y0 > viewport.height + my) continue;
      const shade = choropleth?.shadeOf(this.data.countries.get(country.key)?.agreements ?? 0);
      context.fillStyle = palette.land;
      context.fill(country.path);
      if (!shade) continue;
      context.globalAlpha = quiet;
      context.fillStyle = palette[shade];
      context.fill(country.path);
      context.globalAlpha = 1;
    }
    context.strokeStyle = palette.border;
    context.lineWidth = 0.6 / k;
    context.stroke(shapes.borders);
    context.strokeStyle = palette.coast;
    context.stroke(shapes.coast);
  }

  /**
   * How large the circle of a place is.
   * @param {Place} place
   */
  radius(place) {
    const [least, most] = this.viewport.narrow ? [2, 9] : [2.4, 13];
    return Math.max(least, most * Math.sqrt(place.agreements / Math.max(this.data.largest, 12)));
  }

  /** How many arcs are drawn at most: fewer on a small screen, and fewer of the whole world than of a part. */
  get mostArcs() {
    if (this.viewport.narrow) return 150;
    return this.viewport.at.k > 3 * this.viewport.whole.k ? 700 : 500;
  }

  /** Whether arcs were left out because there are too many. */
  get thinned() {
    return this.arcs.length < this.data.arcs.length && this.arcs.length >= this.mostArcs;
  }

  #drawArcs() {
    const { layers, viewport, data } = this;
    const context = layers.links;
    layers.clear(context);
    layers.toWorld(context);
    // Arcs in three weights, each one path: where lines of a path cross they do not darken one another.
    const most = this.mostArcs;
    const paths = [new Path2D(), new Path2D(), new Path2D()];
    this.arcs = [];
    for (const arc of data.arcs) {
      if (this.arcs.length >= most) break;
      if (!viewport.visible(viewport.onScreen(arc.a)) && !viewport.visible(viewport.onScreen(arc.b))) continue;
      const weight = arc.agreements / data.strongest;
      trace(paths[arc.agreements === 1 ? 0 : weight > 0.25 ? 2 : 1], arc);
      this.arcs.push(arc);
    }
    const weights = this.arcs.length < FEW_ARCS ? WEIGHTS.few : WEIGHTS.many;
    context.strokeStyle = this.palette.arc;
    context.lineCap = "round";
    for (const [index, path] of paths.entries()) {
      context.globalAlpha = weights.alpha[index];
      context.lineWidth = weights.width[index] / viewport.at.k;
      context.stroke(path);
    }
    context.globalAlpha = 1;
  }

  /**
   * Circles, the large ones first, and the names that find room.
   * @param {WorldShapes} shapes
   */
  #drawPlaces(shapes) {
    const { layers, palette, viewport, data } = this;
    const context = layers.links;
    layers.toView(context);
    this.places = data.places.filter((place) => !place.far && viewport.visible(viewport.onScreen(place), 10));
    this.places.sort((a, b) => b.agreements - a.agreements);
    for (const place of this.places) this.#circle(context, place, this.radius(place), palette.dot);
    const labels = new Labels(context, viewport, this.#taken(), this.arcs.length < FEW_ARCS ? this.arcs : []);
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.strokeStyle = palette.halo;
    context.lineWidth = 3;
    context.fillStyle = palette.text;
    const style = getComputedStyle(this.figure);
    for (const place of this.#named()) labels.namePlace(place, this.radius(place), style.fontFamily);
    if (viewport.at.k < NAMES_FROM) return;
    labels.nameCountries(shapes.countries, data.countries, style.getPropertyValue("--serif"));
  }

  /** The places whose names are tried. */
  #named() {
    if (this.data.places.length <= 60) return this.places;
    if (this.viewport.at.k > 6) return this.places.slice(0, 60);
    return this.places.slice(0, this.viewport.narrow ? 4 : 10);
  }

  /**
   * Where no name may stand: on circles, and under the buttons.
   * @returns {Box[]}
   */
  #taken() {
    /** @type {Box[]} */
    const taken = this.places.map((place) => {
      const [x, y] = this.viewport.onScreen(place);
      const r = this.radius(place) * 0.8;
      return [x - r, y - r, x + r, y + r];
    });
    const buttons = /** @type {HTMLElement | null} */ (this.figure.querySelector(".map-buttons"));
    if (buttons) {
      const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = buttons;
      taken.push([offsetLeft, offsetTop, offsetLeft + offsetWidth, offsetTop + offsetHeight]);
    }
    return taken;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Place} place
   * @param {number} radius
   * @param {string} fill
   */
  #circle(context, place, radius, fill) {
    const [x, y] = this.viewport.onScreen(place);
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = this.palette.rim;
    context.lineWidth = 1;
    context.stroke();
  }

  /**
   * Draw what is chosen over the rest, which is dimmed.
   * @param {Target | null} chosen
   */
  drawChosen(chosen) {
    const { layers, palette, viewport } = this;
    const context = layers.chosen;
    layers.clear(context);
    layers.links.canvas.classList.toggle("dimmed", Boolean(chosen && chosen.kind !== "country"));
    if (!chosen) return;
    layers.toWorld(context);
    context.strokeStyle = palette.chosen;
    context.lineCap = "round";
    if (chosen.kind === "country") {
      context.lineWidth = 1.8 / viewport.at.k;
      context.stroke(chosen.shape.path);
    } else if (chosen.kind === "arc") {
      this.#highlight(context, [chosen.arc], null, 2.4);
    } else {
      const { arcs } = chosen.place;
      this.#highlight(context, arcs, chosen.place, arcs.length < 40 ? 1.4 : 0.9);
    }
  }

  /**
   * Draw some arcs with their ends, and a place that is one of them or has none.
   * @param {CanvasRenderingContext2D} context
   * @param {Arc[]} arcs
   * @param {Place | null} main
   * @param {number} width
   */
  #highlight(context, arcs, main, width) {
    const { layers, palette, viewport } = this;
    context.globalAlpha = arcs.length < 40 ? 0.9 : 0.6;
    context.lineWidth = width / viewport.at.k;
    for (const arc of arcs) {
      const path = new Path2D();
      trace(path, arc);
      context.stroke(path);
    }
    context.globalAlpha = 1;
    layers.toView(context);
    const ends = new Set(arcs.flatMap((arc) => [arc.a, arc.b]));
    if (main) ends.add(main);
    for (const place of ends) {
      const chosen = place === main;
      this.#circle(context, place, this.radius(place) + (chosen ? 1.5 : 0), chosen ? palette.chosen : palette.dot);
    }
  }
}
