import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { compileRoutes, EVERY_PART, setupFiles, writeConfig } from "./tools/lib/setup.ts";

/**
 * The tests' own Worker: the shipped routes as the demo runs them, compiled beside a copy of wrangler.toml. What a developer has set
 * up (routes.yaml, and .dev.vars or .env, which wrangler reads beside its file) is never read.
 */
const directory = join(import.meta.dirname, ".wrangler/test");
const files = setupFiles(directory);
mkdirSync(directory, { recursive: true });
await writeConfig({ ...files, ...EVERY_PART });
const shipped = join(import.meta.dirname, "test/tools/fixtures/shipped.yaml");
const { ok, findings } = await compileRoutes(shipped, files.routes, true);
if (!ok) throw new Error(findings);

const alias = { "talaria-routes": files.routes };
export default defineConfig({
  test: {
    // The Worker's log lines are of interest only where a test fails.
    silent: "passed-only",
    projects: [
      {
        resolve: { alias },
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/workers/**", "test/e2e/**"],
          // Some start tools or the type check as processes, on a machine that may be busy.
          testTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        plugins: [
          cloudflareTest({
            wrangler: { configPath: files.config },
            miniflare: {
              bindings: {
                TELEGRAM_BOT_TOKEN: "1234567890:test-token-that-is-no-secret-00000",
                TELEGRAM_WEBHOOK_SECRET: "telegram-secret",
                ADMIN_TOKEN: "admin-token",
              },
              // Whatever a test does not answer itself must not leave the machine.
              outboundService: () => new Response("no outside in this test", { status: 599 }),
            },
          }),
        ],
        test: { name: "workers", include: ["test/workers/**/*.test.ts"] },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/support/worker.ts",
          testTimeout: 60_000,
          hookTimeout: 90_000,
          // Nothing of a file stays in the modules that it shares with the next.
          isolate: false,
          // Each file runs a gateway of its own; most of the time it waits.
          maxWorkers: 3,
        },
      },
    ],
  },
});
