import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { ROOT } from "../../tools/lib/wrangler.ts";

const NEEDS_NODE = "./tools/lib/needs-node.mjs";
const text = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const manifest = z
  .object({
    scripts: z.record(z.string(), z.string()),
    optionalDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(text("package.json")));

test("a Node that cannot run TypeScript says so in one line, and what is needed", () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--no-experimental-strip-types", `--import=${NEEDS_NODE}`, "--eval=console.log(1)"],
    { cwd: ROOT, encoding: "utf8" },
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(/^Node \S+ cannot run TypeScript\. Install Node 22\.18 or newer .*\n$/);
});

test("one that can goes on to the script", () => {
  const { status, stdout } = spawnSync(
    process.execPath,
    [`--import=${NEEDS_NODE}`, "--eval=console.log(1)"],
    {
      cwd: ROOT,
      encoding: "utf8",
    },
  );
  expect([status, stdout]).toEqual([0, "1\n"]);
});

test("every script that runs TypeScript looks first", () => {
  const typescript = Object.entries(manifest.scripts).filter(([, script]) => /\.ts\b/.test(script));
  expect(typescript.length).toBeGreaterThan(5);
  for (const [, script] of typescript)
    expect(script).toMatch(/^node --import \.\/tools\/lib\/needs-node\.mjs -- /);
});

// Without `--` Node takes an --env-file behind the script for its own, and ends.
test("npm start -- --env-file nope is one clear line", () => {
  const [, ...args] = (manifest.scripts.start ?? "").split(" ");
  const { status, stderr } = spawnSync(process.execPath, [...args, "--env-file", "nope"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect([status, stderr]).toEqual([1, "There is no file nope (--env-file).\n"]);
});

/** Some packages write a list of one as that one. */
const words = z.union([z.array(z.string()), z.string().transform((one) => [one])]);
const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        version: z.string().optional(),
        integrity: z.string().optional(),
        optional: z.boolean().optional(),
        os: words.optional(),
        cpu: words.optional(),
      }),
    ),
  })
  .parse(JSON.parse(text("package-lock.json")));

test.each([
  ["darwin", "arm64"],
  ["darwin", "x64"],
  ["linux", "arm64"],
  ["linux", "x64"],
  ["win32", "x64"],
])("the lock file holds a Node for %s on %s, and fails no install without it", (os, cpu) => {
  const builds = Object.keys(manifest.optionalDependencies).map(
    (name) => lock.packages[`node_modules/${name}`],
  );
  const build = builds.find((found) => found?.os?.includes(os) && found.cpu?.includes(cpu));
  expect(build).toMatchObject({ optional: true, integrity: expect.stringMatching(/^sha512-/) });
  // One major everywhere: the tests' streams behave otherwise on the next.
  expect(build?.version).toMatch(/^24\./);
});

test.each([
  "@cloudflare/workerd-darwin-arm64",
  "@cloudflare/workerd-darwin-64",
  "@cloudflare/workerd-linux-arm64",
  "@cloudflare/workerd-linux-64",
  "@cloudflare/workerd-windows-64",
  "@esbuild/darwin-arm64",
  "@esbuild/linux-x64",
  "@esbuild/win32-x64",
  "@biomejs/cli-darwin-arm64",
  "@biomejs/cli-linux-x64",
  "@biomejs/cli-win32-x64",
])("the lock file holds %s", (name) => {
  expect(lock.packages[`node_modules/${name}`]?.integrity).toMatch(/^sha512-/);
});
