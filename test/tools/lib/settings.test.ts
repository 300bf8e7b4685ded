import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readSettings } from "../../../tools/lib/settings.ts";

let root: string;
const file = (name: string, text: string) => writeFileSync(join(root, name), text);
const names = (args: string[]) => [...readSettings(args, {}, root).names].sort();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "talaria-settings-"));
});

test("listens on 8787 and compiles routes.yaml, unless PORT and ROUTES_FILE say otherwise", () => {
  expect(readSettings([], {}, root)).toMatchObject({ port: 8787, routesFile: "routes.yaml" });
  const env = { PORT: "9000", ROUTES_FILE: "mine.yaml" };
  expect(readSettings([], env, root)).toMatchObject({ port: 9000, routesFile: "mine.yaml" });
  expect(() => readSettings([], { PORT: "http" }, root)).toThrow("PORT is http");
});

test("finds secrets where wrangler will: .dev.vars, or else .env and .env.local", () => {
  expect(names([])).toEqual([]);
  file(".env", "A=1\nEMPTY=");
  file(".env.local", "B=2");
  expect(names([])).toEqual(["A", "B"]);
  file(".dev.vars", 'C="3"');
  expect(names([])).toEqual(["C"]);
});

test("--env-file takes the place of those, and may be given more than once", () => {
  file(".dev.vars", "C=3");
  file("one", "X=1");
  file("two", "Y=1");
  expect(names(["--env-file", "one", "two"])).toEqual(["X", "Y"]);
  expect(names(["--env-file=one", "--env-file", "two"])).toEqual(["X", "Y"]);
  expect(() => names(["--env-file", "none"])).toThrow("no file none");
});

test("--var counts, and goes on to wrangler with everything else", () => {
  const args = ["--var", "HUB_AGENT_ID:talaria", "URL:http://x:1", "--persist-to", "state"];
  expect(names(args)).toEqual(["HUB_AGENT_ID", "URL"]);
  expect(readSettings([...args, "--env-file"], {}, root).args).toEqual(args);
});
