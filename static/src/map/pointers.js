// @ts-check
// The map by mouse and by finger: pointing, dragging, pinching, the wheel.
import { same } from "./targets.js";

/** @import { AtlasMap } from "./atlas-map.js" */
/** @import { Point } from "./projection.js" */
/** @import { Position } from "./viewport.js" */

/** @typedef {{ x: number, y: number, spread: number }} Hands The middle of the pointers that are down, and their spread. */

const TREMBLE = 4; // pixels that a pointer may move and still taps
const REACH = { mouse: 4, finger: 14 }; // pixels by which something may be missed

export class Pointers {
  /** Whether the map is being dragged. */
  dragging = false;
  /** @type {Map<number, Point>} those that are down */
  #down = new Map();
  #travelled = 0;
  /** @type {Hands & { at: Position }} where map and hands were when a pointer came or went */
  #held;

  /** @param {AtlasMap} map */
  constructor(map) {
    this.map = map;
    this.#held = { x: 0, y: 0, spread: 0, at: map.viewport.at };
    const { view } = map;
    view.addEventListener("pointerdown", (event) => this.#press(event));
    view.addEventListener("pointermove", (event) => this.#move(event));
    view.addEventListener("pointerup", (event) => this.#lift(event, false));
    view.addEventListener("pointercancel", (event) => this.#lift(event, true));
    view.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "mouse" || this.#down.size) return;
      map.choose(null);
      map.tooltip.hide();
    });
    view.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  /**
   * Where an event is in the view.
   * @param {MouseEvent} event
   * @returns {Point}
   */
  #local(event) {
    const box = this.map.view.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    const { map } = this;
    // A small map lets the page scroll, unless it was taken in hand.
    if (map.settings.small && !event.ctrlKey && document.activeElement !== map.view) return;
    event.preventDefault();
    map.choose(null);
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
    const turned = Math.max(-240, Math.min(240, event.deltaY * unit));
    map.motion.zoom(2 ** (-turned / 240), { point: this.#local(event) });
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    this.map.motion.halt();
    this.map.view.setPointerCapture(event.pointerId);
    this.#down.set(event.pointerId, this.#local(event));
    this.#grip();
    this.#travelled = this.#down.size > 1 ? Infinity : 0;
  }

  /** Remember where the map and the hands are. */
  #grip() {
    this.#held = { at: this.map.viewport.at, ...this.#hands() };
  }

  /** @returns {Hands} */
  #hands() {
    const hands = [...this.#down.values()];
    const x = hands.reduce((sum, [hx]) => sum + hx, 0) / hands.length;
    const y = hands.reduce((sum, [, hy]) => sum + hy, 0) / hands.length;
    const spread = hands.length > 1 ? Math.hypot(hands[0][0] - hands[1][0], hands[0][1] - hands[1][1]) : 0;
    return { x, y, spread };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const point = this.#local(event);
    if (!this.#down.has(event.pointerId)) {
      if (event.pointerType === "mouse") this.#hover(point);
      return;
    }
    this.#down.set(event.pointerId, point);
    const hands = this.#hands();
    const held = this.#held;
    this.#travelled = Math.max(this.#travelled, Math.hypot(hands.x - held.x, hands.y - held.y));
    if (this.#travelled < TREMBLE) return;
    if (!this.dragging) {
      this.dragging = true;
      this.map.choose(null);
      this.map.view.classList.add("map-dragging");
    }
    const factor = held.spread && hands.spread ? hands.spread / held.spread : 1;
    this.map.motion.to({
      k: held.at.k * factor,
      x: hands.x - (held.x - held.at.x) * factor,
      y: hands.y - (held.y - held.at.y) * factor,
    });
  }

  /** @param {Point} point */
  #hover(point) {
    const { map } = this;
    if (!map.layers.current) return;
    const target = map.targetAt(point, REACH.mouse);
    map.choose(target);
    if (target) map.showTooltip(target, point);
    else map.tooltip.hide();
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} cancelled
   */
  #lift(event, cancelled) {
    if (!this.#down.delete(event.pointerId)) return;
    if (this.#down.size) {
      this.#grip();
      return;
    }
    const tapped = !cancelled && !this.dragging && this.#travelled < TREMBLE;
    if (this.dragging) {
      this.dragging = false;
      this.map.view.classList.remove("map-dragging");
      this.map.draw();
      this.map.look();
      this.map.tell();
    }
    if (tapped) this.#tap(this.#local(event), event.pointerType !== "mouse");
  }

  /**
   * @param {Point} point
   * @param {boolean} touch
   */
  #tap(point, touch) {
    const { map } = this;
    const target = map.targetAt(point, touch ? REACH.finger : REACH.mouse);
    if (!target) {
      map.choose(null, { told: true });
      map.tooltip.hide();
    } else if (touch && !same(target, map.chosen)) {
      // A finger covers what it points at: the first touch names it, the second opens it.
      map.choose(target, { told: true });
      map.showTooltip(target, point);
    } else {
      map.open(target, point);
    }
  }
}
