import { readFileSync } from "node:fs";
import { join } from "node:path";

export { envWith, routesWith } from "../../support/setup.ts";

/** One of the payloads in `fixtures/`, as Hub writes it. */
export function fixture(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8"));
}
