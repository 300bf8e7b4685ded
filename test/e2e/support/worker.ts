import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { EVERY_PART, setupFiles, writeConfig } from "../../../tools/lib/setup.ts";
import { bundle } from "../../support/bundle.ts";

/** The Worker that every gateway of a test run is made of. */
export interface Worker {
  /** The bundle; its routes are those of the binding `ROUTES`. */
  readonly script: string;
  /** Miniflare's options for what wrangler.toml says: compatibility, bindings, Durable Objects. */
  readonly options: object;
}

declare module "vitest" {
  interface ProvidedContext {
    worker: Worker;
  }
}

/** Makes the Worker once for all files; vitest calls this before them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { worker, remove } = await buildWorker();
  project.provide("worker", worker);
  return remove;
}

/** Bundles the Worker as `wrangler deploy` would. `remove` deletes its files. */
export async function buildWorker(): Promise<{ readonly worker: Worker; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), "talaria-e2e-"));
  const routes = join(import.meta.dirname, "routes-binding.ts");
  const files = setupFiles(directory);
  await writeConfig({ ...files, routes, ...EVERY_PART });
  // Loading wrangler takes as long as bundling: both at once.
  const [script, { unstable_getMiniflareWorkerOptions }] = await Promise.all([
    bundle(files.config, join(directory, "out")),
    import("wrangler"),
  ]);
  const { workerOptions } = unstable_getMiniflareWorkerOptions(files.config);
  return {
    worker: { script, options: JSON.parse(JSON.stringify(workerOptions)) },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}
