import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");

const sim = (...args: string[]) =>
  spawnSync(process.execPath, [join(ROOT, "sim/run.ts"), ...args], { cwd: ROOT, encoding: "utf8" });

test("the gateway keeps its promises under the simulated faults of these seeds", () => {
  const { status, stdout } = sim("--seed", "9000", "--seeds", "60", "--jobs", "2");
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/^60 seeds from 9000 on, \d+ messages/);
}, 120_000);

test("and under those of a few seeds that nobody has tried", () => {
  const { status, stdout } = sim("--seeds", "2", "--jobs", "2");
  expect(status, stdout).toBe(0);
}, 60_000);

test("a seed is replayed to the letter", () => {
  const [first, second] = [sim("--seed", "9007"), sim("--seed", "9007")];
  expect(first.stdout.length).toBeGreaterThan(1_000);
  expect(second.stdout).toBe(first.stdout);
}, 60_000);
