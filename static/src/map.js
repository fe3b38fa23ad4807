// The map: countries by number of agreements, places and arcs, on canvas.
//
// The world is projected once, to paths of a fixed size; moving is a CSS transform of what is drawn, and drawing follows
// when the hand rests. Finer data come for the part that is looked at. Everything the map says it takes, translated,
// from the figure's attribute.
import { geoGraticule10, geoNaturalEarth1, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";

const WIDTH = 1000; // of the projected world
const MARGIN = 0.2; // of the view, drawn beyond each of its edges
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
const FINE_FROM = 3.2; // scale from which the finer shapes are drawn
const CLOSEST = 1000;
const RESTS = 110; // milliseconds without movement after which is drawn

const projection = geoNaturalEarth1()
  .precision(0.4)
  .scale(WIDTH / 5.4675)
  .translate([WIDTH / 2, 0]);
const [, TOP] = projection([0, 84]);
const [, BOTTOM] = projection([0, -57]);
const still = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

const atlases = new Map();

/** The shapes of the countries, projected: read and made once for a page, whatever the number of its maps. */
function atlas(url) {
  if (!atlases.has(url)) atlases.set(url, load(url).then(projected));
  return atlases.get(url);
}

async function load(url, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.json();
}

function projected(topology) {
  const path = geoPath(projection);
  const countries = feature(topology, topology.objects.countries).features.map((shape) => {
    const [[x0, y0], [x1, y1]] = path.bounds(shape);
    const main = largest(shape, path);
    return { key: shape.properties.a3, path: new Path2D(path(shape)), x0, y0, x1, y1, ...main };
  });
  return {
    countries,
    borders: new Path2D(path(mesh(topology, topology.objects.countries, (a, b) => a !== b))),
    coast: new Path2D(path(mesh(topology, topology.objects.countries, (a, b) => a === b))),
    sphere: new Path2D(path({ type: "Sphere" })),
    graticule: new Path2D(path(geoGraticule10())),
  };
}

/** Where a country's name goes and how wide it may be: the middle of its largest part. */
function largest(shape, path) {
  const parts = shape.geometry.type === "MultiPolygon" ? shape.geometry.coordinates : [shape.geometry.coordinates];
  let best = { area: -1 };
  for (const coordinates of parts) {
    const part = { type: "Polygon", coordinates };
    const area = path.area(part);
    if (area > best.area) best = { area, part };
  }
  const [[x0], [x1]] = path.bounds(best.part);
  return { middle: path.centroid(best.part), room: x1 - x0 };
}

/** How wide the world is where a latitude is drawn: what lies beyond its edge comes back in from the other one. */
function around(latitude) {
  return projection([180, latitude])[0] - projection([-180, latitude])[0];
}

/**
 * The arcs between two places, as curves of the projected plane that bow to the north: [from, control, to]. Great circles
 * would crowd round the pole. Where the way over the 180th meridian is shorter there are two, one at each edge.
 */
function curves(a, b) {
  const ends = [
    [a.x, a.y],
    [b.x, b.y],
  ];
  const across = b.point[0] - a.point[0];
  if (Math.abs(across) <= 180) return [bowed(...ends)];
  const side = Math.sign(across);
  return [
    bowed(ends[0], [b.x - side * around(b.point[1]), b.y]),
    bowed([a.x + side * around(a.point[1]), a.y], ends[1]),
  ];
}

function bowed([ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const bow = 0.16 * (dx < 0 ? -1 : 1);
  return [
    [ax, ay],
    [(ax + bx) / 2 + dy * bow, (ay + by) / 2 - dx * bow],
    [bx, by],
  ];
}

function trace(path, arc) {
  for (const [[ax, ay], [cx, cy], [bx, by]] of arc.curves) {
    path.moveTo(ax, ay);
    path.quadraticCurveTo(cx, cy, bx, by);
  }
}

/** Points along an arc, to be found by. */
function sampled(arc) {
  return arc.curves.map(([[ax, ay], [cx, cy], [bx, by]]) =>
    Array.from({ length: 17 }, (_, step) => {
      const t = step / 16;
      const u = 1 - t;
      return [u * u * ax + 2 * u * t * cx + t * t * bx, u * u * ay + 2 * u * t * cy + t * t * by];
    }),
  );
}

/** The distance of a point from a line. */
function distance(x, y, lines) {
  let best = Infinity;
  for (const line of lines) {
    for (let index = 1; index < line.length; index += 1) {
      const [ax, ay] = line[index - 1];
      const [bx, by] = line[index];
      const dx = bx - ax;
      const dy = by - ay;
      const along = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      best = Math.min(best, Math.hypot(x - ax - along * dx, y - ay - along * dy));
    }
  }
  return best;
}

/** Whether two boxes [left, top, right, bottom] have something in common. */
function overlap(a, b) {
  return a[2] >= b[0] && a[0] <= b[2] && a[3] >= b[1] && a[1] <= b[3];
}

/** Whether a straight line runs through a box: some part of it lies between the left and the right, the top and the bottom. */
function through([x0, y0, x1, y1], [ax, ay], [bx, by]) {
  let [from, to] = [0, 1];
  for (const [a, b, low, high] of [
    [ax, bx, x0, x1],
    [ay, by, y0, y1],
  ]) {
    if (a === b) {
      if (a < low || a > high) return false;
      continue;
    }
    const [enter, leave] = [(low - a) / (b - a), (high - a) / (b - a)].sort((one, other) => one - other);
    [from, to] = [Math.max(from, enter), Math.min(to, leave)];
  }
  return from <= to;
}

class AtlasMap {
  constructor(figure) {
    this.figure = figure;
    const { words, addresses } = JSON.parse(figure.closest("[data-map]").dataset.map);
    this.words = words;
    this.addresses = addresses;
    this.plural = new Intl.PluralRules(addresses.language);
    this.number = new Intl.NumberFormat(addresses.language);
    this.query = figure.dataset.query;
    // What a page brings along, such as places to choose from, is drawn as it is; nothing finer can be asked for.
    this.points = figure.dataset.points ? JSON.parse(figure.dataset.points) : null;
    this.small = figure.classList.contains("map-small");
    this.members = new URLSearchParams(this.query).has("members");
    this.view = figure.querySelector(".map-view");
    this.tip = figure.querySelector(".map-tip");
    this.status = figure.querySelector(".map-status");
    this.legend = figure.querySelector(".map-legend");
    this.stage = document.createElement("div");
    this.stage.className = "map-stage";
    this.view.prepend(this.stage);
    this.layers = ["ground", "links", "chosen"].map((name) => {
      const canvas = document.createElement("canvas");
      canvas.className = `map-${name}`;
      this.stage.append(canvas);
      return canvas.getContext("2d");
    });
    this.at = { k: 1, x: 0, y: 0 };
    this.drawn = this.at;
    this.places = [];
    this.arcs = [];
    this.numbers = new Map();
    this.pointers = new Map();
    figure.hidden = false;
  }

  async start() {
    this.measure();
    this.listen();
    // An answer is looked at as a whole, so all of it comes at once, as fine as it may; then what suits the scale.
    const first = this.query || this.points ? "place" : this.band(this.whole().k);
    try {
      const [shapes, data] = await Promise.all([atlas(this.figure.dataset.coarse), this.fetch(first, null)]);
      this.coarse = shapes;
      this.base = data;
      this.take(data);
      this.begun = this.places;
      this.countries(data);
      if (this.small && !this.places.length) {
        this.figure.remove();
        return;
      }
    } catch {
      this.say(this.words.failed);
      return;
    }
    this.at = this.home();
    await this.look();
    this.draw();
    this.tell();
    this.figure.dataset.ready = "";
  }

  // Sizes and places -----------------------------------------------------------------------------------------------

  /** The size of the view, in CSS pixels, and of the canvases, which reach beyond it. */
  measure() {
    this.width = this.view.clientWidth;
    this.height = this.view.clientHeight;
    this.beyond = [Math.round(this.width * MARGIN), Math.round(this.height * MARGIN)];
    this.density = Math.min(2, devicePixelRatio || 1);
    const [mx, my] = this.beyond;
    for (const { canvas } of this.layers) {
      canvas.width = (this.width + 2 * mx) * this.density;
      canvas.height = (this.height + 2 * my) * this.density;
      canvas.style.width = `${this.width + 2 * mx}px`;
      canvas.style.height = `${this.height + 2 * my}px`;
    }
    this.stage.style.left = `${-mx}px`;
    this.stage.style.top = `${-my}px`;
  }

  /** Where the whole world fits the view. */
  whole() {
    const k = Math.min(this.width / WIDTH, this.height / (BOTTOM - TOP));
    return { k, x: (this.width - k * WIDTH) / 2, y: (this.height - k * (TOP + BOTTOM)) / 2 };
  }

  /** Where the map begins: at what was asked for, or at the world, of which a narrow view shows a part. */
  home() {
    if ((this.query || this.points) && this.base.places.name.length) return this.around(this.begun);
    const k = this.height / (BOTTOM - TOP);
    return this.bounded({ k, x: this.width / 2 - k * (WIDTH / 2 + 20), y: -k * TOP });
  }

  /** A position of the map in which some places fit. */
  around(places) {
    const xs = places.map((place) => place.x);
    const ys = places.map((place) => place.y);
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const space = this.width < 500 ? 22 : 36;
    const buttons = 40;
    const k = Math.min((this.width - buttons - 2 * space) / (x1 - x0), (this.height - 2 * space) / (y1 - y0), 14);
    const cover = this.height / (BOTTOM - TOP);
    if (this.width < 500 && k < cover) {
      // A narrow view cannot hold the world: it shows where there is most.
      const most = places.reduce((a, b) => (b.agreements > a.agreements ? b : a));
      return this.bounded({ k: cover, x: this.width / 2 - cover * most.x, y: -cover * TOP });
    }
    const scale = Math.max(k, this.whole().k);
    return this.bounded({
      k: scale,
      x: (this.width - buttons) / 2 - (scale * (x0 + x1)) / 2,
      y: this.height / 2 - (scale * (y0 + y1)) / 2,
    });
  }

  /** A position that keeps the world in view. */
  bounded({ k, x, y }) {
    const whole = this.whole();
    const scale = Math.max(whole.k, Math.min(CLOSEST, k));
    const keep = (value, size, low, high) => {
      const free = size - scale * (high - low);
      return free >= 0 ? free / 2 - scale * low : Math.max(size - scale * high, Math.min(-scale * low, value));
    };
    return { k: scale, x: keep(x, this.width, 0, WIDTH), y: keep(y, this.height, TOP, BOTTOM) };
  }

  /** The band of cells that suits a scale. */
  band(k) {
    const degree = (k * WIDTH) / 360;
    const fitting = BANDS.filter(([, size]) => size * degree >= CELL_PIXELS);
    return (fitting.at(-1) ?? BANDS[0])[0];
  }

  /** The part of the world in view and half a view around, rounded so that near views ask for the same. */
  box(size) {
    const { k, x, y } = this.at;
    const step = Math.max(size * 10, 0.5);
    const points = [];
    for (let i = 0; i <= 8; i += 1) {
      for (const [px, py] of [
        [i / 8, -0.3],
        [i / 8, 1.3],
        [-0.3, i / 8],
        [1.3, i / 8],
        [i / 8, 0.5],
      ]) {
        const point = projection.invert([(px * this.width - x) / k, (py * this.height - y) / k]);
        if (point) points.push([Math.max(-180, Math.min(180, point[0])), Math.max(-90, Math.min(90, point[1]))]);
      }
    }
    const [lon, lat] = [points.map((point) => point[0]), points.map((point) => point[1])];
    const low = (values, limit) => Math.max(limit, Math.floor(Math.min(...values) / step) * step);
    const high = (values, limit) => Math.min(limit, Math.ceil(Math.max(...values) / step) * step);
    return [low(lon, -180), low(lat, -90), high(lon, 180), high(lat, 90)].map((value) => +value.toFixed(2)).join(",");
  }

  // Data -----------------------------------------------------------------------------------------------------------

  fetch(band, box) {
    if (this.points) return this.points;
    const query = new URLSearchParams(this.query);
    query.set("lang", this.addresses.language);
    query.set("band", band);
    if (box) query.set("bbox", box);
    this.request?.abort();
    this.request = new AbortController();
    return load(`${this.addresses.data}?${query}`, this.request.signal);
  }

  /** Places and arcs out of the columns. */
  take(data) {
    const { places, arcs } = data;
    const first = (place) => place.reference.split(",")[0];
    // What the keyboard has chosen stays chosen; the mouse points anew.
    const kept = this.chosen?.kind === "place" && document.activeElement === this.view;
    const held = kept ? first(this.chosen.place) : null;
    const far = new Set(places.far);
    this.band_ = data.band;
    this.leftOut = data.left_out;
    this.places = places.name.map((name, index) => {
      const point = [places.longitude[index], places.latitude[index]];
      const [x, y] = projection(point);
      return {
        name,
        point,
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
      const arc = { a, b, agreements: arcs.agreements[index], reference: arcs.reference[index] ?? "" };
      a.arcs.push(arc);
      b.arcs.push(arc);
      return arc;
    });
    this.strongest = this.arcs[0]?.agreements ?? 1;
    this.largest = this.places.reduce((most, place) => (place.far ? most : Math.max(most, place.agreements)), 1);
    const place = held === null ? undefined : this.places.find((one) => !one.far && first(one) === held);
    this.chosen = place ? { kind: "place", place } : null;
  }

  /** Names and numbers of the countries, and the classes of the choropleth. */
  countries({ countries }) {
    countries.shape.forEach((shape, index) => {
      this.numbers.set(shape, {
        shape,
        code: countries.code[index],
        name: countries.name[index],
        agreements: countries.agreements[index],
      });
    });
    this.names = new Map([...this.numbers.values()].map((country) => [country.code, country.name]));
    const most = Math.max(...countries.agreements, 1);
    const steps = [1, 10, 50, 250, 1000, 5000, 25000];
    const first = steps.filter((step) => step <= most);
    this.steps = first.length >= 3 ? first.slice(-5) : [1, 2, 5].filter((step) => step <= most);
    if (this.steps[0] !== 1) this.steps[0] = 1;
    this.legend.replaceChildren(
      ...this.steps.map((step, index) => {
        const entry = document.createElement("span");
        entry.className = `map-class map-class-${this.shade(index)}`;
        const next = this.steps[index + 1];
        entry.textContent =
          next === undefined
            ? `${this.number.format(step)}+`
            : next - 1 === step
              ? `${step}`
              : `${this.number.format(step)}–${this.number.format(next - 1)}`;
        return entry;
      }),
    );
    if (this.steps.length) {
      const label = document.createElement("span");
      label.textContent = this.words.legend;
      this.legend.prepend(label);
    }
    this.legend.hidden = this.members || this.small;
  }

  /** The shade, 1 to 5, of a class of the choropleth. */
  shade(index) {
    return this.steps.length > 1 ? 1 + Math.round((index * 4) / (this.steps.length - 1)) : 3;
  }

  shadeOf(agreements) {
    if (!agreements) return 0;
    return this.shade(this.steps.findLastIndex((step) => agreements >= step));
  }

  /** What to ask for, for a band: nothing where the first answer does, all of a coarser one, a part of a finer one. */
  wanted(band, size) {
    const { cell, places } = this.base;
    const sparse = places.name.length < 80;
    if (size === cell || (sparse && (size > cell || places.towns.every((towns) => towns === 1)))) return "";
    return size > cell ? band : `${band} ${this.box(size)}`;
  }

  /** Ask for what suits the scale and the part in view. */
  async look() {
    if (this.points) return;
    const band = this.band(this.at.k);
    const size = Object.fromEntries(BANDS)[band];
    const wanted = this.wanted(band, size);
    if (wanted === (this.looking ?? "")) return;
    this.looking = wanted;
    if (!wanted) {
      this.take(this.base);
      this.draw();
      return;
    }
    try {
      const data = await this.fetch(...wanted.split(" "));
      if (this.looking !== wanted) return;
      this.take(data);
      if (!this.dragging) this.draw();
      this.tell();
    } catch (error) {
      if (error.name !== "AbortError") this.looking = null;
    }
  }

  // Drawing --------------------------------------------------------------------------------------------------------

  colours() {
    const style = getComputedStyle(this.figure);
    const names = [
      "sea",
      "land",
      "1",
      "2",
      "3",
      "4",
      "5",
      "border",
      "coast",
      "grid",
      "arc",
      "dot",
      "rim",
      "text",
      "halo",
      "chosen",
    ];
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--map-${name}`).trim()]));
  }

  /** Put a layer into the projected world's coordinates. */
  world(context) {
    const [mx, my] = this.beyond;
    const { k, x, y } = this.at;
    const d = this.density;
    context.setTransform(d * k, 0, 0, d * k, d * (x + mx), d * (y + my));
  }

  /** Put a layer into the view's coordinates. */
  screen(context) {
    const [mx, my] = this.beyond;
    const d = this.density;
    context.setTransform(d, 0, 0, d, d * mx, d * my);
  }

  clear(context) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  }

  /** Where a projected point is in the view. */
  onScreen({ x, y }) {
    return [x * this.at.k + this.at.x, y * this.at.k + this.at.y];
  }

  visible([x, y], space = 0) {
    const [mx, my] = this.beyond;
    return x > -mx - space && x < this.width + mx + space && y > -my - space && y < this.height + my + space;
  }

  draw() {
    clearTimeout(this.timer);
    if (!this.coarse) return;
    const fine = this.at.k > FINE_FROM;
    if (fine && !this.fine) {
      atlas(this.figure.dataset.fine).then(
        (shapes) => {
          if (this.fine) return;
          this.fine = shapes;
          if (!this.dragging) this.draw();
        },
        () => {},
      );
    }
    this.shapes = (fine && this.fine) || this.coarse;
    this.palette = this.colours();
    this.drawn = this.at;
    this.stage.style.transform = "";
    this.drawGround();
    this.drawLinks();
    this.drawChosen();
  }

  drawGround() {
    const [context] = this.layers;
    const { palette, shapes } = this;
    const { k } = this.at;
    this.clear(context);
    this.world(context);
    context.fillStyle = palette.sea;
    context.fill(shapes.sphere);
    context.lineJoin = "round";
    context.strokeStyle = palette.grid;
    context.lineWidth = 0.5 / k;
    context.stroke(shapes.graticule);
    const [mx, my] = this.beyond;
    const quiet = Math.max(0.35, Math.min(1, 1 - (k - 3) / 10)); // where one country fills the view, its shade says little
    for (const country of shapes.countries) {
      const [x0, y0] = this.onScreen({ x: country.x0, y: country.y0 });
      const [x1, y1] = this.onScreen({ x: country.x1, y: country.y1 });
      if (x1 < -mx || y1 < -my || x0 > this.width + mx || y0 > this.height + my) continue;
      const shade = this.members ? 0 : this.shadeOf(this.numbers.get(country.key)?.agreements ?? 0);
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

  /** How large the circle of a place is. */
  radius(place) {
    const most = this.width < 500 ? 9 : 13;
    const least = this.width < 500 ? 2 : 2.4;
    return Math.max(least, most * Math.sqrt(place.agreements / Math.max(this.largest, 12)));
  }

  /** How many arcs are drawn at most: fewer on a small screen, and fewer of the whole world than of a part. */
  most() {
    const near = this.at.k > 3 * this.whole().k;
    return this.width < 500 ? 150 : near ? 700 : 500;
  }

  drawLinks() {
    const context = this.layers[1];
    const { palette } = this;
    const { k } = this.at;
    this.clear(context);
    this.world(context);
    // Arcs in three weights, each one path: where lines of a path cross they do not darken one another.
    const most = this.most();
    const paths = [new Path2D(), new Path2D(), new Path2D()];
    this.lines = [];
    for (const arc of this.arcs) {
      if (this.lines.length >= most) break;
      if (!this.visible(this.onScreen(arc.a)) && !this.visible(this.onScreen(arc.b))) continue;
      arc.curves ??= curves(arc.a, arc.b);
      const weight = arc.agreements / this.strongest;
      trace(paths[arc.agreements === 1 ? 0 : weight > 0.25 ? 2 : 1], arc);
      this.lines.push(arc);
    }
    const few = this.lines.length < 60;
    context.strokeStyle = palette.arc;
    context.lineCap = "round";
    paths.forEach((path, index) => {
      context.globalAlpha = few ? [0.55, 0.65, 0.75][index] : [0.15, 0.21, 0.4][index];
      context.lineWidth = (few ? [0.9, 1.2, 1.8] : [0.6, 0.8, 1.5])[index] / k;
      context.stroke(path);
    });
    context.globalAlpha = 1;
    this.screen(context);
    this.drawPlaces(context);
  }

  /** Circles, the large ones first, and the names that find room. */
  drawPlaces(context) {
    const { palette } = this;
    const shown = this.places.filter((place) => !place.far && this.visible(this.onScreen(place), 10));
    shown.sort((a, b) => b.agreements - a.agreements);
    this.shown = shown;
    for (const place of shown) {
      const [x, y] = this.onScreen(place);
      this.circle(context, x, y, this.radius(place), palette.dot, palette.rim);
    }
    const taken = shown.map((place) => {
      const [x, y] = this.onScreen(place);
      const r = this.radius(place) * 0.8;
      return [x - r, y - r, x + r, y + r];
    });
    const buttons = this.figure.querySelector(".map-buttons");
    if (buttons) {
      const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = buttons;
      taken.push([offsetLeft, offsetTop, offsetLeft + offsetWidth, offsetTop + offsetHeight]);
    }
    const crossed = this.crossing();
    context.textBaseline = "middle";
    context.lineJoin = "round";
    /** Write a text at the first of some places where it touches nothing; `alone`: no line either. */
    const write = (text, width, height, space, spots, alone) => {
      for (const [x, y] of spots) {
        const box = [x - space, y - height / 2, x + width + space, y + height / 2];
        const cut = (low, high, end) => (low < 0 && high > 0) || (low < end && high > end);
        if (cut(box[0], box[2], this.width) || cut(box[1], box[3], this.height)) continue;
        if (taken.some((other) => overlap(box, other)) || (alone && crossed(box))) continue;
        taken.push(box);
        context.strokeText(text, x, y);
        context.fillText(text, x, y);
        return true;
      }
      return false;
    };
    context.strokeStyle = palette.halo;
    context.lineWidth = 3;
    context.fillStyle = palette.text;
    const few = this.places.length <= 60;
    const names = few ? shown : this.at.k > 6 ? shown.slice(0, 60) : shown.slice(0, this.width < 500 ? 4 : 10);
    const family = getComputedStyle(this.figure).fontFamily;
    for (const place of names) {
      context.font = `${place.towns > 1 ? 600 : 500} 11.5px ${family}`;
      const [x, y] = this.onScreen(place);
      const r = this.radius(place) + 4;
      const width = context.measureText(place.name).width;
      const spots = [
        [x + r, y],
        [x - r - width, y],
        [x - width / 2, y - r - 6],
        [x - width / 2, y + r + 6],
      ];
      write(place.name, width, 14, 2, spots, true) || write(place.name, width, 14, 2, spots, false);
    }
    if (this.at.k < 1.6) return;
    // Countries as an atlas names them, where there is room.
    context.font = `italic 500 13px ${getComputedStyle(this.figure).getPropertyValue("--serif")}`;
    context.globalAlpha = 0.75;
    for (const country of this.shapes.countries) {
      const name = this.numbers.get(country.key)?.name;
      const [x, y] = this.onScreen({ x: country.middle[0], y: country.middle[1] });
      if (!name || !this.visible([x, y])) continue;
      const width = context.measureText(name).width;
      if (country.room * this.at.k <= width * 0.9) continue;
      write(
        name,
        width,
        16,
        3,
        [0, -14, 14, -26, 26].map((away) => [x - width / 2, y + away]),
        true,
      );
    }
    context.globalAlpha = 1;
  }

  /** Tells whether a line runs through a box of the view. Where there are many lines nobody can keep clear of them. */
  crossing() {
    if (this.lines.length >= 60) return () => false;
    const lines = this.lines.flatMap((line) => {
      line.points ??= sampled(line);
      return line.points.map((points) => points.map(([x, y]) => this.onScreen({ x, y })));
    });
    return (box) =>
      lines.some((points) => points.some((point, index) => index && through(box, points[index - 1], point)));
  }

  circle(context, x, y, radius, fill, rim) {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    context.fillStyle = fill;
    context.fill();
    context.strokeStyle = rim;
    context.lineWidth = 1;
    context.stroke();
  }

  /** What is chosen, over the rest, which is dimmed. */
  drawChosen() {
    const context = this.layers[2];
    const { chosen, palette } = this;
    this.clear(context);
    this.layers[1].canvas.classList.toggle("dimmed", Boolean(chosen && chosen.kind !== "country"));
    if (!chosen) return;
    this.world(context);
    context.strokeStyle = palette.chosen;
    context.lineCap = "round";
    if (chosen.kind === "country") {
      context.lineWidth = 1.8 / this.at.k;
      context.stroke(chosen.shape.path);
      return;
    }
    const arcs = chosen.kind === "arc" ? [chosen.arc] : chosen.place.arcs;
    const few = arcs.length < 40;
    for (const arc of arcs) {
      arc.curves ??= curves(arc.a, arc.b);
      const path = new Path2D();
      trace(path, arc);
      context.globalAlpha = few ? 0.9 : 0.6;
      context.lineWidth = (chosen.kind === "arc" ? 2.4 : few ? 1.4 : 0.9) / this.at.k;
      context.stroke(path);
    }
    context.globalAlpha = 1;
    this.screen(context);
    const ends = new Set(arcs.flatMap((arc) => [arc.a, arc.b]));
    if (chosen.kind === "place") ends.add(chosen.place);
    for (const place of ends) {
      const [x, y] = this.onScreen(place);
      const main = place === chosen.place;
      this.circle(
        context,
        x,
        y,
        this.radius(place) + (main ? 1.5 : 0),
        main ? palette.chosen : palette.dot,
        palette.rim,
      );
    }
  }

  /** Move what is drawn to where the map is now, and draw when it rests. */
  moved() {
    const [mx, my] = this.beyond;
    const scale = this.at.k / this.drawn.k;
    const x = this.at.x - scale * this.drawn.x + mx - scale * mx;
    const y = this.at.y - scale * this.drawn.y + my - scale * my;
    this.stage.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
    this.hideTip();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.dragging) return;
      this.draw();
      this.look();
    }, RESTS);
  }

  moveTo(position, { smooth = false } = {}) {
    const target = this.bounded(position);
    cancelAnimationFrame(this.frame);
    if (!smooth || still.matches) {
      this.at = target;
      this.moved();
      return;
    }
    const from = this.at;
    const start = performance.now();
    const step = (now) => {
      const t = Math.min(1, (now - start) / 260);
      const eased = 1 - (1 - t) ** 3;
      const k = from.k * (target.k / from.k) ** eased;
      // The point that stays where it is decides where the map is at each scale.
      const share = target.k === from.k ? eased : (k - from.k) / (target.k - from.k);
      this.at = { k, x: from.x + (target.x - from.x) * share, y: from.y + (target.y - from.y) * share };
      this.moved();
      if (t < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  zoom(factor, x = this.width / 2, y = this.height / 2, options = {}) {
    const k = Math.max(this.whole().k, Math.min(CLOSEST, this.at.k * factor));
    const real = k / this.at.k;
    this.moveTo({ k, x: x - (x - this.at.x) * real, y: y - (y - this.at.y) * real }, options);
  }

  // What is under the hand -----------------------------------------------------------------------------------------

  find(x, y, reach = 4) {
    let best = null;
    let nearest = Infinity;
    for (const place of this.shown ?? []) {
      const [px, py] = this.onScreen(place);
      const away = Math.hypot(px - x, py - y) - this.radius(place);
      if (away < reach && away < nearest) [best, nearest] = [place, away];
    }
    if (best) return { kind: "place", place: best };
    const [wx, wy] = [(x - this.at.x) / this.at.k, (y - this.at.y) / this.at.k];
    const near = (reach - 1) / this.at.k;
    let arc = null;
    let closest = near;
    if ((this.lines?.length ?? 0) <= 400) {
      for (const line of this.lines ?? []) {
        line.points ??= sampled(line);
        const away = distance(wx, wy, line.points);
        if (away < closest) [arc, closest] = [line, away];
      }
    }
    if (arc) return { kind: "arc", arc };
    for (const shape of this.shapes?.countries ?? []) {
      if (wx < shape.x0 || wx > shape.x1 || wy < shape.y0 || wy > shape.y1) continue;
      if (this.layers[2].isPointInPath(this.identity(shape.path), wx, wy)) {
        const country = this.numbers.get(shape.key);
        if (country) return { kind: "country", country, shape };
      }
    }
    return null;
  }

  /** `isPointInPath` asks in the layer's own coordinates. */
  identity(path) {
    this.layers[2].setTransform(1, 0, 0, 1, 0, 0);
    return path;
  }

  same(a, b) {
    return a === b || (a && b && a.kind === b.kind && (a.place ?? a.arc ?? a.shape) === (b.place ?? b.arc ?? b.shape));
  }

  choose(what, { told = false } = {}) {
    if (this.same(what, this.chosen)) return;
    this.chosen = what;
    this.drawChosen();
    this.view.classList.toggle("map-pointing", Boolean(what));
    if (told) {
      if (what) this.say(`${this.describe(what).join(". ")}. ${this.opening(what)}`);
      else this.tell();
    }
  }

  count(kind, n) {
    const [one, other] = this.words[kind];
    return (this.plural.select(n) === "one" ? one : other).replace("{n}", this.number.format(n));
  }

  placeName(place) {
    if (place.towns === 1) return place.name;
    return this.count("others", place.towns - 1).replace("{name}", place.name);
  }

  /** What something is, in two lines. */
  describe(what) {
    const kind = this.members ? "members" : "agreements";
    if (what.kind === "country") return [what.country.name, this.count(kind, what.country.agreements)];
    if (what.kind === "arc") {
      const { a, b, agreements } = what.arc;
      const pair = `${this.placeName(a)} – ${this.placeName(b)}`;
      return [pair, this.count(kind, agreements)];
    }
    const { place } = what;
    if (this.points) return [place.name, place.country];
    const country = this.names.get(place.country);
    return [
      country ? `${this.placeName(place)}, ${country}` : this.placeName(place),
      this.count(kind, place.agreements),
    ];
  }

  /** Where something leads; empty for what is to be seen closer. */
  address(what) {
    if (what.kind === "country") return this.addresses.country.replace("X", what.country.code.toLowerCase());
    if (what.kind === "place") {
      const { towns, reference } = what.place;
      if (this.points) return reference;
      if (towns === 1) return this.addresses.town.replace("X", reference);
      if (!reference.includes(",") || this.members) return "";
      // Towns at one point: closer they do not come apart.
      return `${this.addresses.agreements}?${new URLSearchParams({ town: reference, past: "1", domestic: "1" })}`;
    }
    const { a, b, reference } = what.arc;
    if (reference) return this.addresses.agreement.replace("X", reference);
    if (!a.country || !b.country) return "";
    const query = new URLSearchParams(this.query);
    for (const name of ["agreement", "members", "country", "partner", "town"]) query.delete(name);
    if (a.towns === 1) query.set("town", a.reference);
    else query.set("country", a.country);
    query.set("partner", b.country);
    if (a.country === b.country) query.set("domestic", "1");
    return `${this.addresses.agreements}?${query}`;
  }

  opening(what) {
    return this.address(what) ? this.words.open : this.words.closer;
  }

  /** Go where something leads, or closer to it: to a place, or to where an arc was pointed at. */
  open(what, at) {
    const address = this.address(what);
    if (address) {
      // Within a frame of another site only a page made for frames can be shown: what is opened comes beside it.
      if (window.top === window) location.assign(address);
      else window.open(address, "_blank", "noopener");
      return;
    }
    const { k, x, y } = this.at;
    const centre = what.place ?? { x: (at[0] - x) / k, y: (at[1] - y) / k };
    const closer = Math.min(CLOSEST, k * 3);
    this.choose(null);
    this.hideTip();
    this.moveTo(
      { k: closer, x: this.width / 2 - centre.x * closer, y: this.height / 2 - centre.y * closer },
      { smooth: true },
    );
  }

  showTip(what, x, y) {
    const [head, line] = this.describe(what);
    const strong = document.createElement("strong");
    strong.textContent = head;
    const small = document.createElement("span");
    small.textContent = line;
    this.tip.replaceChildren(strong, small);
    this.tip.hidden = false;
    const { offsetWidth, offsetHeight } = this.tip;
    const left = Math.max(4, Math.min(this.width - offsetWidth - 4, x - offsetWidth / 2));
    const above = y - offsetHeight - 14;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${above < 4 ? y + 18 : above}px`;
  }

  hideTip() {
    this.tip.hidden = true;
  }

  // Words ----------------------------------------------------------------------------------------------------------

  say(text) {
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** What is drawn, in words. */
  tell() {
    if (this.points) return;
    const data = this.base;
    const kind = this.members ? "members" : "agreements";
    const parts = [];
    if (!this.places.length) {
      parts.push(this.words.nothing);
    } else {
      const countries = new Set(data.countries.code.filter((_, index) => data.countries.agreements[index])).size;
      const towns = data.places.towns.reduce((sum, number) => sum + number, 0);
      parts.push(
        this.words.summary
          .replace("{agreements}", this.count(kind, data.total))
          .replace("{places}", this.count("places", towns))
          .replace("{countries}", this.count("countries", countries)),
      );
    }
    if (data.missing) parts.push(this.count(this.members ? "missing_members" : "missing", data.missing));
    if (this.lines && this.lines.length < this.arcs.length && this.lines.length >= this.most()) {
      parts.push(this.count("thinned", this.lines.length));
    }
    this.say(parts.join(" "));
  }

  // Hands ----------------------------------------------------------------------------------------------------------

  local(event) {
    const box = this.view.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  listen() {
    const { view } = this;
    view.addEventListener("pointerdown", (event) => this.down(event));
    view.addEventListener("pointermove", (event) => this.move(event));
    view.addEventListener("pointerup", (event) => this.up(event));
    view.addEventListener("pointercancel", (event) => this.up(event, true));
    view.addEventListener("pointerleave", (event) => {
      if (event.pointerType !== "mouse" || this.pointers.size) return;
      this.choose(null);
      this.hideTip();
    });
    view.addEventListener(
      "wheel",
      (event) => {
        // A small map lets the page scroll, unless it was taken in hand.
        if (this.small && !event.ctrlKey && document.activeElement !== view) return;
        event.preventDefault();
        this.choose(null);
        const unit = event.deltaMode === 1 ? 20 : 1;
        this.zoom(2 ** (-Math.max(-240, Math.min(240, event.deltaY * unit)) / 240), ...this.local(event));
      },
      { passive: false },
    );
    view.addEventListener("keydown", (event) => this.key(event));
    view.addEventListener("blur", () => this.choose(null));
    this.figure.querySelector(".map-buttons")?.addEventListener("click", (event) => {
      const action = event.target.closest("button")?.dataset.action;
      if (action === "closer") this.zoom(2, undefined, undefined, { smooth: true });
      if (action === "away") this.zoom(0.5, undefined, undefined, { smooth: true });
      if (action === "whole") this.moveTo(this.home(), { smooth: true });
    });
    dark.addEventListener("change", () => this.draw());
    // Names may be written in letters whose part of the font comes later.
    document.fonts.addEventListener("loadingdone", () => !this.dragging && this.draw());
    new ResizeObserver(() => {
      if (this.view.clientWidth === this.width && this.view.clientHeight === this.height) return;
      const fitted = this.at.k <= this.whole().k * 1.01;
      this.measure();
      this.at = fitted ? this.home() : this.bounded(this.at);
      this.draw();
    }).observe(view);
  }

  down(event) {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    cancelAnimationFrame(this.frame);
    this.view.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.local(event));
    this.grip();
    this.travelled = this.pointers.size > 1 ? Infinity : 0;
  }

  /** Remember where the map and the hands are. */
  grip() {
    const hands = [...this.pointers.values()];
    this.held = { at: this.at, ...this.middle(hands) };
  }

  middle(hands) {
    const x = hands.reduce((sum, [hx]) => sum + hx, 0) / hands.length;
    const y = hands.reduce((sum, [, hy]) => sum + hy, 0) / hands.length;
    const spread = hands.length > 1 ? Math.hypot(hands[0][0] - hands[1][0], hands[0][1] - hands[1][1]) : 0;
    return { x, y, spread };
  }

  move(event) {
    const [x, y] = this.local(event);
    if (!this.pointers.has(event.pointerId)) {
      if (event.pointerType !== "mouse" || this.drawn !== this.at) return;
      const what = this.find(x, y);
      this.choose(what);
      if (what) this.showTip(what, x, y);
      else this.hideTip();
      return;
    }
    this.pointers.set(event.pointerId, [x, y]);
    const hands = this.middle([...this.pointers.values()]);
    this.travelled = Math.max(this.travelled, Math.hypot(hands.x - this.held.x, hands.y - this.held.y));
    if (this.travelled < 4) return;
    if (!this.dragging) {
      this.dragging = true;
      this.choose(null);
      this.view.classList.add("map-dragging");
    }
    const { at } = this.held;
    const factor = this.held.spread && hands.spread ? hands.spread / this.held.spread : 1;
    this.moveTo({
      k: at.k * factor,
      x: hands.x - (this.held.x - at.x) * factor,
      y: hands.y - (this.held.y - at.y) * factor,
    });
  }

  up(event, cancelled = false) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (this.pointers.size) {
      this.grip();
      return;
    }
    const tapped = !cancelled && !this.dragging && this.travelled < 4;
    if (this.dragging) {
      this.dragging = false;
      this.view.classList.remove("map-dragging");
      this.draw();
      this.look();
      this.tell();
    }
    if (!tapped) return;
    const [x, y] = this.local(event);
    const touch = event.pointerType !== "mouse";
    const what = this.find(x, y, touch ? 14 : 4);
    if (!what) {
      this.choose(null, { told: true });
      this.hideTip();
    } else if (touch && !this.same(what, this.chosen)) {
      // A finger covers what it points at: the first touch names it, the second opens it.
      this.choose(what, { told: true });
      this.showTip(what, x, y);
    } else {
      this.open(what, [x, y]);
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.min(this.width, this.height) / 5;
    const moves = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
    const { key } = event;
    if (moves[key]) {
      const [dx, dy] = moves[key];
      this.moveTo({ ...this.at, x: this.at.x + dx, y: this.at.y + dy });
    } else if (key === "+" || key === "=") {
      this.zoom(1.7, undefined, undefined, { smooth: true });
    } else if (key === "-" || key === "−") {
      this.zoom(1 / 1.7, undefined, undefined, { smooth: true });
    } else if (key === "0" || key === "Home") {
      this.moveTo(this.home(), { smooth: true });
    } else if (/^[nNpP]$/.test(key)) {
      this.rove(key.toLowerCase() === "n" ? 1 : -1);
    } else if (key === "Enter" && this.chosen) {
      this.open(this.chosen);
    } else if (key === "Escape" && this.chosen) {
      this.choose(null, { told: true });
      this.hideTip();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** Choose the next visible place, in the order of their numbers. */
  rove(step) {
    if (this.drawn !== this.at) this.draw();
    const inView = (this.shown ?? []).filter((place) => {
      const [x, y] = this.onScreen(place);
      return x > 0 && y > 0 && x < this.width && y < this.height;
    });
    if (!inView.length) return;
    const now = inView.indexOf(this.chosen?.place);
    const next = now < 0 ? (step > 0 ? 0 : inView.length - 1) : (now + step + inView.length) % inView.length;
    const what = { kind: "place", place: inView[next] };
    this.choose(what, { told: true });
    this.showTip(what, ...this.onScreen(what.place));
  }
}

/** Begin every map that a page, or a part of it that was exchanged, has. */
function begin(root) {
  for (const figure of root.querySelectorAll("figure.map[hidden]")) {
    // A page may have many small ones: each begins when it is scrolled to.
    if (figure.dataset.points) whenSeen(figure);
    else new AtlasMap(figure).start();
  }
}

function whenSeen(figure) {
  const watch = new IntersectionObserver(
    ([{ isIntersecting }]) => {
      if (!isIntersecting) return;
      watch.disconnect();
      new AtlasMap(figure).start();
    },
    { rootMargin: "200px" },
  );
  watch.observe(figure.parentElement);
}

begin(document);
document.addEventListener("htmx:load", (event) => begin(event.target));
