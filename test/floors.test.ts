import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");

/** Which folder, or file, may import which others besides itself (docs/architecture.md). Types count too. */
const FLOORS: { readonly [room: string]: readonly string[] } = {
  lib: [],
  message: ["lib"],
  "env.ts": ["lib", "message"],
  routing: ["lib", "message", "env.ts"],
  text: ["lib", "message", "env.ts"],
  commands: ["lib", "message", "env.ts", "routing", "text"],
  inference: ["lib", "message", "env.ts", "routing", "text"],
  platforms: ["lib", "message", "env.ts", "routing", "text", "commands", "inference"],
  sessions: ["lib", "message", "env.ts", "routing", "text", "commands", "inference", "platforms"],
  http: ["lib", "message", "env.ts", "routing", "text", "commands", "inference", "platforms", "sessions"],
  "index.ts": ["lib", "message", "env.ts", "platforms", "sessions", "http"],
  "generated.d.ts": ["routing"],
  "parts.ts": [
    "lib",
    "message",
    "env.ts",
    "routing",
    "text",
    "commands",
    "inference",
    "platforms",
    "sessions",
  ],
};

/** What puts the Worker together from the parts that its routes need. All else is given them. */
const KNOW_PARTS = [
  "inference/providers.ts",
  "platforms/cron/object.ts",
  "platforms/hub/inbox.ts",
  "platforms/telegram/delivery.ts",
  "platforms/telegram/live.ts",
  "platforms/telegram/webhook.ts",
  "sessions/memory/object.ts",
  "sessions/session.ts",
];

/** What `file` (a path below src/) must not import: `a/b.ts -> c/d.ts` for each import that points up. */
function upward(file: string, text: string): string[] {
  const allowed = FLOORS[roomOf(file)];
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g)]
    .map(([, specifier = ""]) => relative(SRC, resolve(SRC, dirname(file), specifier)))
    .filter((target) => !target.startsWith("..") && roomOf(target) !== roomOf(file))
    .filter((target) => !allowed?.includes(roomOf(target)))
    .map((target) => `${file} -> ${target}`);
}

const roomOf = (file: string): string => file.split("/")[0] ?? "";

test("every import of src points down", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.startsWith("generated/"),
  );
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap((file) => upward(file, readFileSync(join(SRC, file), "utf8")))).toEqual([]);
});

test("only what puts the Worker together knows its parts", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const knowing = files.filter((file) => readFileSync(join(SRC, file), "utf8").includes('"#parts"'));
  expect(knowing.toSorted()).toEqual(KNOW_PARTS);
});

test("an import that points up is found, a type too", () => {
  expect(upward("routing/resolve.ts", 'import type { Delivery } from "../platforms/platform.ts";')).toEqual([
    "routing/resolve.ts -> platforms/platform.ts",
  ]);
  expect(upward("commands/help.ts", 'const x = import("../inference/infer.ts");')).toEqual([
    "commands/help.ts -> inference/infer.ts",
  ]);
  expect(upward("nowhere/new.ts", 'import { log } from "../lib/log.ts";')).toEqual([
    "nowhere/new.ts -> lib/log.ts",
  ]);
  expect(upward("routing/resolve.ts", 'import { own } from "../lib/own.ts";')).toEqual([]);
});
