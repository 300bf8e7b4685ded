import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { withOwners } from "../../../tools/connect/routes-file.ts";
import { withValues, writeValues } from "../../../tools/connect/secrets.ts";
import { ROOT } from "../../../tools/lib/wrangler.ts";

test("values take their lines' place, and other lines stay", () => {
  expect(withValues("", { A: "1" })).toBe("A=1\n");
  expect(withValues("# mine\r\nexport A=1\r\nB=2", { A: "3", C: "x y$z" })).toBe(
    "# mine\nA=3\nB=2\nC='x y$z'\n",
  );
  const odd = { A: 'it\'s # "x"', B: "a=b" };
  expect(parseEnv(withValues("", odd))).toEqual(odd);
});

test("no secret is written to a file that git would take", () => {
  const folder = mkdtempSync(join(tmpdir(), "talaria-git-"));
  execFileSync("git", ["init", "-q", folder]);
  expect(() => writeValues(join(folder, ".dev.vars"), { A: "1" })).toThrow("not ignored by git");
  writeFileSync(join(folder, ".gitignore"), ".dev.vars\n");
  expect(() => writeValues(join(folder, ".dev.vars"), { A: "1" })).not.toThrow();
});

test("git takes no file that secrets are read from", () => {
  for (const file of [".dev.vars", ".env", ".env.local"])
    expect(execFileSync("git", ["check-ignore", file], { cwd: ROOT, encoding: "utf8" }).trim()).toBe(file);
});

test("owners come beside those that are there; comments and order stay", () => {
  const text = `# mine\nmodel: m   # the one\nowners: { telegram: ["42"] }   # me\n`;
  const owners = [
    { platform: "telegram", id: "43" },
    { platform: "telegram", id: "42" },
    { platform: "discord", id: "1417636184355766305" },
  ];
  expect(withOwners(text, owners)).toBe(
    `# mine\nmodel: m # the one\nowners: { telegram: [ "42", "43" ], discord: [ "1417636184355766305" ] } # me\n`,
  );
  expect(
    withOwners("model: m\nowners:\n  telegram:\n    - '42'\n", [{ platform: "telegram", id: "43" }]),
  ).toBe(`model: m\nowners:\n  telegram:\n    - '42'\n    - "43"\n`);
  expect(withOwners("model: m\n", [{ platform: "telegram", id: "43" }])).toBe(
    `model: m\nowners: { telegram: [ "43" ] }\n`,
  );
});
