import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readSettings } from "../../../tools/lib/settings.ts";

let root: string;
const file = (name: string, text: string) => writeFileSync(join(root, name), text);
const read = (args: string[], env: Record<string, string> = {}) => {
  const settings = readSettings(args, env, root);
  if (settings === null) throw new Error("asked for its usage");
  return settings;
};
const names = (args: string[]) => [...read(args).names].sort();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "talaria-settings-"));
});

test("listens on 8787 unless --port or PORT say otherwise", () => {
  expect(read([]).port).toBe(8787);
  expect(read([], { PORT: "9000" }).port).toBe(9000);
  expect(read(["--port", "9001"], { PORT: "9000" }).port).toBe(9001);
  expect(() => read([], { PORT: "http" })).toThrow("PORT is http");
  expect(() => read(["--port", "0"])).toThrow("--port is 0");
});

test("compiles routes.yaml, rather one's own routes.local.yaml, and best what --routes or ROUTES_FILE names", () => {
  expect(read([]).routesFile).toBe("routes.yaml");
  file("routes.local.yaml", "model: m");
  expect(read([]).routesFile).toBe("routes.local.yaml");
  expect(read([], { ROUTES_FILE: "mine.yaml" }).routesFile).toBe("mine.yaml");
  expect(read(["--routes", "other.yaml"], { ROUTES_FILE: "mine.yaml" }).routesFile).toBe("other.yaml");
});

test("keeps what is stored where --persist-to says", () => {
  expect(read([]).persistTo).toBeNull();
  expect(read(["--persist-to", "state"]).persistTo).toBe("state");
});

test("refuses what it does not know, and says what it takes", () => {
  expect(() => read(["--prot", "9000"])).toThrow(/'--prot'[\s\S]*usage: npm start -- \[--port N\]/);
  expect(() => read(["8788"])).toThrow(/'8788'[\s\S]*usage/);
  expect(readSettings(["--help"], {}, root)).toBeNull();
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
  expect(names(["--env-file", "one", "--env-file", "two"])).toEqual(["X", "Y"]);
  expect(names(["--env-file=one", "--env-file=two"])).toEqual(["X", "Y"]);
  expect(() => names(["--env-file", "none"])).toThrow("no file none");
});
