import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configOf, setupFiles } from "../../tools/lib/setup.ts";
import { loadText } from "../../tools/routes/load.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const withCrlf = (text: string) => text.replaceAll("\n", "\r\n");

test("the gateway starts from a wrangler.toml with the line endings of Windows", () => {
  const shared = read("wrangler.toml");
  const modules = setupFiles("generated");
  expect(configOf(withCrlf(shared), modules)).toBe(configOf(shared, modules));
});

test("a routes file with the line endings of Windows says the same", () => {
  const text = read("routes.yaml");
  const { compiled, findings } = loadText(text, "routes.yaml");
  const other = loadText(withCrlf(text), "routes.yaml");
  expect(compiled).not.toBeNull();
  expect({ ...other.compiled, hash: compiled?.hash }).toEqual(compiled);
  expect(other.findings).toEqual(findings);
});

test.skipIf(!existsSync(join(ROOT, ".git")))("a clone by Git for Windows has the same bytes", () => {
  const clone = mkdtempSync(join(tmpdir(), "talaria-crlf-"));
  try {
    execFileSync("git", ["clone", "-q", "-c", "core.autocrlf=true", ROOT, clone]);
    const endings = execFileSync("git", ["ls-files", "--eol"], { cwd: clone, encoding: "utf8" });
    expect(endings.split("\n").filter((line) => /w\/(crlf|mixed)/.test(line))).toEqual([]);
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
});
