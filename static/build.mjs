// Bundles the site's CSS and JavaScript, with fonts and flags beside them, from npm's packages into static/dist.
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const outdir = join(here, "dist");

rmSync(outdir, { recursive: true, force: true });
await build({
  absWorkingDir: dirname(here),
  entryPoints: [join(here, "src", "site.css"), join(here, "src", "site.js")],
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome110", "firefox110", "safari16"],
  assetNames: "[ext]/[name]",
  loader: { ".woff2": "file", ".woff": "file", ".svg": "file", ".json": "json" },
  logLevel: "warning",
});
