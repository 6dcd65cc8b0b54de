// Bundles driver.mjs with what it imports into _bundle.mjs, and writes the licences beside it.
// Called by `make types-bundle`: node bundle.mjs NODE_MODULES
import { createRequire } from "node:module";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = resolve(process.argv[2]);
const { build } = createRequire(join(modules, "x.js"))("esbuild");

const { metafile } = await build({
  entryPoints: [join(here, "driver.mjs")],
  outfile: join(here, "_bundle.mjs"),
  absWorkingDir: modules,
  nodePaths: [modules],
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  minify: true,
  legalComments: "none", // the licences are in the file beside it
  metafile: true,
  banner: { js: 'import{createRequire as weirRequire}from"node:module";const require=weirRequire(import.meta.url);' },
});

const names = new Set();
for (const path of Object.keys(metafile.inputs)) {
  const parts = relative(modules, resolve(modules, path)).split(/[\\/]/);
  if (parts[0] !== "..") names.add(parts[0].startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]);
}
const sections = [...names].sort().map((name) => {
  const folder = join(modules, name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `(The package holds no text of its own; the ${license} licence is meant.)`;
  return `${name} ${version}: ${license}\n\n${text}\n`;
});
if (!sections.some((section) => section.startsWith("quicktype-core "))) throw new Error("nothing was bundled");
const rule = `\n${"-".repeat(78)}\n\n`;
writeFileSync(join(here, "_bundle.licenses.txt"), `What _bundle.mjs is made of.${rule}${sections.join(rule)}`);
if (!existsSync(join(here, "_bundle.mjs"))) throw new Error("the bundle was not written");
