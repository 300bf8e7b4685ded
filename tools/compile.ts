import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { commandsText } from "./routes/commands.ts";
import { asDemo } from "./routes/demo.ts";
import { featuresText } from "./routes/features.ts";
import { formatFinding } from "./routes/findings.ts";
import { defaultRoutesFile, loadRoutes } from "./routes/load.ts";
import { moduleText } from "./routes/module.ts";
import { partsText } from "./routes/parts.ts";
import { platformsText } from "./routes/platforms.ts";

/**
 * Compiles the routes file into the modules that the Worker imports: the routes, and beside them `parts.js`,
 * `features.js`, `commands.js` and `platforms.js`, what of the Worker they need. Leaves the old ones alone on an error.
 * With `--demo` they are as the demo of `npm start` runs them.
 */
const file = defaultRoutesFile();
const output = process.env.ROUTES_OUT || "src/generated/routes.js";
const { findings, compiled: written } = loadRoutes(file);
const compiled = written && process.argv.includes("--demo") ? asDemo(written) : written;
for (const finding of findings) console.error(formatFinding(finding));
if (compiled === null) process.exitCode = 1;
else {
  writeIfChanged(join(dirname(output), "parts.js"), partsText(compiled));
  writeIfChanged(join(dirname(output), "features.js"), featuresText(compiled));
  writeIfChanged(join(dirname(output), "commands.js"), commandsText(compiled));
  writeIfChanged(join(dirname(output), "platforms.js"), platformsText(compiled));
  writeIfChanged(output, moduleText(compiled));
}

/** A watcher must see neither half a file nor a change where there is none. */
function writeIfChanged(path: string, text: string): void {
  if (readOrNull(path) === text) return;
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
