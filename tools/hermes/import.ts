import { LineCounter, parseDocument, stringify } from "yaml";
import { isObject } from "../lib/json.ts";
import type { Finding } from "../routes/findings.ts";
import { loadText } from "../routes/load.ts";
import { convert } from "./convert.ts";
import { Notes } from "./notes.ts";
import type { HermesSource } from "./source.ts";

export interface Import {
  /** The routes file's text. */
  readonly text: string;
  /** Secrets that it and the platforms need. */
  readonly secrets: readonly string[];
  /** What was not carried over, and why. */
  readonly left: readonly string[];
  /** What `check` still says of it. */
  readonly findings: readonly Finding[];
}

const HEADER = `# yaml-language-server: $schema=./schema/routes.schema.json
# Made from a Hermes config by \`npm run import\`. routes.yaml shows every key.
`;

/** Makes a routes file of a Hermes set-up. Routes that no message can take are left out, and noted. */
export function importHermes(source: HermesSource, file: string): Import {
  const notes = new Notes();
  const content = convert(source, notes);
  for (;;) {
    const text = HEADER + stringify(content, { lineWidth: 0 });
    const { findings } = loadText(text, file);
    const idle = findings.find(({ message }) => message.startsWith("never taken: "));
    const place = idle && routeAt(text, idle.line);
    const model = content.model;
    if (idle === undefined || place === undefined || !isObject(model) || !Array.isArray(model.routes)) {
      return { text, secrets: usedSecrets(text, notes), left: notes.lines, findings };
    }
    const [route] = model.routes.splice(place, 1);
    notes.left(`the route ${JSON.stringify(route)}`, idle.message);
    if (model.routes.length === 0) Reflect.deleteProperty(model, "routes");
  }
}

/** Which route of the list stands at this line. */
function routeAt(text: string, line: number): number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const routes = document.getIn(["model", "routes"]);
  const items = isObject(routes) && Array.isArray(routes.items) ? routes.items : [];
  const starts = items.map((_, index) => {
    const node = document.getIn(["model", "routes", index], true);
    const range = isObject(node) && Array.isArray(node.range) ? Number(node.range[0]) : 0;
    return lines.linePos(range).line;
  });
  const place = starts.findLastIndex((start) => start <= line);
  return place < 0 ? undefined : place;
}

/** Secrets that are still named, after routes were left out, and those of the platforms. */
const usedSecrets = (text: string, notes: Notes): string[] =>
  notes.secrets.filter((name) => text.includes(`\${${name}}`) || /^(TELEGRAM|DISCORD|HUB)_/.test(name));
