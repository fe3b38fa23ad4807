// @ts-check
// A map of a page: what holds its data, its drawing and its hands together.
import { bandAt, wantedCells } from "./cells.js";
import { worldShapes } from "./country-shapes.js";
import { MapData } from "./data.js";
import { Drawing } from "./drawing.js";
import { listenToKeys } from "./keyboard.js";
import { Layers } from "./layers.js";
import { Choropleth, writeLegend } from "./legend.js";
import { addressOf } from "./links.js";
import { Motion } from "./motion.js";
import { Pointers } from "./pointers.js";
import { settingsOf } from "./settings.js";
import { same, targetAt } from "./targets.js";
import { Tooltip } from "./tooltip.js";
import { Viewport } from "./viewport.js";
import { Wording } from "./wording.js";

/** @import { WorldShapes } from "./country-shapes.js" */
/** @import { Answer, WholeAnswer } from "./data.js" */
/** @import { Point } from "./projection.js" */
/** @import { Target } from "./targets.js" */

const FINE_FROM = 3.2; // scale from which the finer shapes are drawn

const dark = matchMedia("(prefers-color-scheme: dark)");

export class AtlasMap {
  /** @type {Target | null} what is pointed at, or was chosen by keyboard or finger */
  chosen = null;
  /** @type {WorldShapes | null} */
  #coarse = null;
  /** @type {WorldShapes | null} */
  #fine = null;
  /** @type {Choropleth | null} none where members are shown */
  #choropleth = null;
  /** What was asked for last, beyond the first answer: see `wantedCells`. */
  #wanted = "";

  /** @param {HTMLElement} figure */
  constructor(figure) {
    figure.hidden = false; // or nothing has a size
    this.figure = figure;
    this.view = this.#part("view");
    this.status = this.#part("status");
    this.settings = settingsOf(figure);
    const { addresses, query, points } = this.settings;
    this.data = new MapData({ address: addresses.data, language: addresses.language, query, points });
    this.viewport = new Viewport(this.view);
    this.layers = new Layers(this.view, this.viewport);
    this.drawing = new Drawing(figure, this.layers, this.viewport, this.data);
    this.wording = new Wording(this.settings, this.data);
    this.tooltip = new Tooltip(this.#part("tip"), this.viewport);
    this.motion = new Motion(this.viewport, this.layers, {
      moved: () => this.tooltip.hide(),
      rested: () => {
        if (this.pointers.dragging) return;
        this.draw();
        this.look();
      },
    });
    this.pointers = new Pointers(this);
    listenToKeys(this);
    this.#listen();
  }

  /** @param {string} name */
  #part(name) {
    return /** @type {HTMLElement} */ (this.figure.querySelector(`.map-${name}`));
  }

  /** Draw again when colours, letters or the size change. */
  #listen() {
    dark.addEventListener("change", () => this.draw());
    // Names may be written in letters whose part of the font comes later.
    document.fonts.addEventListener("loadingdone", () => !this.pointers.dragging && this.draw());
    new ResizeObserver(() => {
      const { viewport } = this;
      if (!viewport.resized) return;
      const fitted = viewport.at.k <= viewport.whole.k * 1.01;
      viewport.measure();
      this.layers.fit();
      viewport.at = fitted ? this.home : viewport.bounded(viewport.at);
      this.draw();
    }).observe(this.view);
  }

  /** Read the data and draw the map for the first time. */
  async start() {
    const { settings, data } = this;
    // An answer is looked at as a whole, so all of it comes at once, as fine as it may; then what suits the scale.
    const first = settings.query || settings.points ? "place" : bandAt(this.viewport.whole.k);
    try {
      const [shapes, answer] = await Promise.all([worldShapes(settings.coarse), data.ask(first)]);
      this.#coarse = shapes;
      data.begin(/** @type {WholeAnswer} */ (answer));
      this.#colour();
      if (settings.small && !data.places.length) {
        this.figure.remove();
        return;
      }
    } catch {
      this.say(settings.words.failed);
      return;
    }
    this.viewport.at = this.home;
    await this.look();
    this.draw();
    this.tell();
    this.figure.dataset.ready = "";
  }

  #colour() {
    const { settings, data, wording } = this;
    const choropleth = new Choropleth(data.first.countries.agreements);
    if (!settings.members) this.#choropleth = choropleth;
    const legend = this.#part("legend");
    writeLegend(legend, choropleth, settings.words.legend, wording.number);
    legend.hidden = settings.members || settings.small;
  }

  /** Where the map begins: at what was asked for, or at the world. */
  get home() {
    const asked = this.settings.query || this.settings.points;
    return asked && this.data.firstPlaces.length ? this.viewport.around(this.data.firstPlaces) : this.viewport.world;
  }

  /** Ask for what suits the scale and the part in view. */
  async look() {
    if (this.settings.points) return;
    const wanted = wantedCells(this.data.first, this.viewport);
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (!wanted) {
      this.#take(this.data.first);
      this.draw();
      return;
    }
    try {
      const [band, box] = wanted.split(" ");
      const answer = await this.data.ask(band, box);
      if (this.#wanted !== wanted) return;
      this.#take(answer);
      if (!this.pointers.dragging) this.draw();
      this.tell();
    } catch (error) {
      if (!(error instanceof Error && error.name === "AbortError")) this.#wanted = "";
    }
  }

  /** @param {Answer} answer */
  #take(answer) {
    // What the keyboard has chosen stays chosen; the mouse points anew.
    const kept = this.chosen?.kind === "place" && document.activeElement === this.view ? this.chosen.place : null;
    this.data.take(answer);
    const place = kept && this.data.again(kept);
    this.chosen = place ? { kind: "place", place } : null;
  }

  /** Draw the map where it is. */
  draw() {
    this.motion.settle();
    if (!this.#coarse) return;
    const near = this.viewport.at.k > FINE_FROM;
    if (near && !this.#fine) this.#refine();
    this.drawing.draw((near && this.#fine) || this.#coarse, this.#choropleth, this.chosen);
  }

  /** Read the finer shapes; without them the coarse ones stay. */
  async #refine() {
    const shapes = await worldShapes(this.settings.fine).catch(() => null);
    if (this.#fine || !shapes) return;
    this.#fine = shapes;
    if (!this.pointers.dragging) this.draw();
  }

  /**
   * What is drawn at a point of the view.
   * @param {Point} point
   * @param {number} reach
   */
  targetAt(point, reach) {
    return targetAt(this.drawing, point, reach);
  }

  /**
   * Show that something is chosen, or nothing.
   * @param {Target | null} target
   * @param {{ told?: boolean }} [manner] `told`: say it in words, too
   */
  choose(target, { told = false } = {}) {
    if (same(target, this.chosen)) return;
    this.chosen = target;
    this.drawing.drawChosen(target);
    this.view.classList.toggle("map-pointing", Boolean(target));
    if (!told) return;
    if (!target) {
      this.tell();
      return;
    }
    const { open, closer } = this.settings.words;
    this.say(`${this.wording.describe(target).join(". ")}. ${addressOf(target, this.settings) ? open : closer}`);
  }

  /**
   * Go where something leads, or closer to it: to a place, or to where an arc was pointed at.
   * @param {Target} target
   * @param {Point} [point]
   */
  open(target, point = [this.viewport.width / 2, this.viewport.height / 2]) {
    const address = addressOf(target, this.settings);
    if (address) {
      // Within a frame of another site only a page made for frames can be shown: what is opened comes beside it.
      if (window.top === window) location.assign(address);
      else window.open(address, "_blank", "noopener");
      return;
    }
    const { viewport } = this;
    const [x, y] = target.kind === "place" ? [target.place.x, target.place.y] : viewport.onMap(point);
    const k = viewport.limited(viewport.at.k * 3);
    this.choose(null);
    this.tooltip.hide();
    this.motion.to({ k, x: viewport.width / 2 - x * k, y: viewport.height / 2 - y * k }, { smooth: true });
  }

  /**
   * Name something in a box at a point of the view.
   * @param {Target} target
   * @param {Point} point
   */
  showTooltip(target, point) {
    this.tooltip.show(this.wording.describe(target), point);
  }

  /**
   * Say something in words; only what is new, or it would be read out again.
   * @param {string} text
   */
  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** Say what is drawn. */
  tell() {
    if (this.settings.points) return;
    this.say(this.wording.summary(this.drawing.thinned ? this.drawing.arcs.length : 0));
  }
}
