// @ts-check
// The map by keyboard, and by its buttons: moving, coming closer, going from place to place.

/** @import { AtlasMap } from "./atlas-map.js" */

/** @typedef {(map: AtlasMap) => void} Action */

/** @type {(across: number, down: number) => Action} */
const pan = (across, down) => (map) => {
  const { at, width, height } = map.viewport;
  const step = Math.min(width, height) / 5;
  map.motion.to({ ...at, x: at.x + across * step, y: at.y + down * step });
};
/** @type {(factor: number) => Action} */
const zoom = (factor) => (map) => map.motion.zoom(factor, { smooth: true });
/** @type {Action} */
const whole = (map) => map.motion.to(map.home, { smooth: true });
/** @type {(step: number) => Action} */
const rove = (step) => (map) => chooseNext(map, step);

/** @type {Map<string | undefined, Action>} */
const BUTTONS = new Map([
  ["closer", zoom(2)],
  ["away", zoom(0.5)],
  ["whole", whole],
]);

/** @type {Map<string, Action>} */
const KEYS = new Map([
  ["ArrowLeft", pan(1, 0)],
  ["ArrowRight", pan(-1, 0)],
  ["ArrowUp", pan(0, 1)],
  ["ArrowDown", pan(0, -1)],
  ["+", zoom(1.7)],
  ["=", zoom(1.7)],
  ["-", zoom(1 / 1.7)],
  ["−", zoom(1 / 1.7)],
  ["0", whole],
  ["Home", whole],
  ["n", rove(1)],
  ["N", rove(1)],
  ["p", rove(-1)],
  ["P", rove(-1)],
]);

/** @type {Map<string, (map: AtlasMap, chosen: NonNullable<AtlasMap["chosen"]>) => void>} keys that need something chosen */
const KEYS_OF_CHOSEN = new Map([
  ["Enter", (map, chosen) => map.open(chosen)],
  [
    "Escape",
    (map) => {
      map.choose(null, { told: true });
      map.tooltip.hide();
    },
  ],
]);

/**
 * Let a map be used by its keys and its buttons.
 * @param {AtlasMap} map
 */
export function listenToKeys(map) {
  map.view.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { chosen } = map;
    const ofChosen = chosen && KEYS_OF_CHOSEN.get(event.key);
    const action = KEYS.get(event.key);
    if (ofChosen) ofChosen(map, chosen);
    else if (action) action(map);
    else return;
    event.preventDefault();
  });
  map.view.addEventListener("blur", () => map.choose(null));
  map.figure.querySelector(".map-buttons")?.addEventListener("click", ({ target }) => {
    const button = /** @type {Element} */ (target).closest("button");
    BUTTONS.get(button?.dataset.action)?.(map);
  });
}

/**
 * Choose the next place in view, in the order of their numbers.
 * @param {AtlasMap} map
 * @param {number} step 1, or -1 for the one before
 */
function chooseNext(map, step) {
  const { viewport } = map;
  if (!map.layers.current) map.draw();
  const inView = map.drawing.places.filter((place) => {
    const [x, y] = viewport.onScreen(place);
    return x > 0 && y > 0 && x < viewport.width && y < viewport.height;
  });
  if (!inView.length) return;
  const now = map.chosen?.kind === "place" ? inView.indexOf(map.chosen.place) : -1;
  const first = step > 0 ? 0 : inView.length - 1;
  const place = inView[now < 0 ? first : (now + step + inView.length) % inView.length];
  /** @type {{ kind: "place", place: typeof place }} */
  const target = { kind: "place", place };
  map.choose(target, { told: true });
  map.showTooltip(target, viewport.onScreen(place));
}
