import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLATFORM_FACTS, PLATFORM_NAMES, type PlatformName } from "../../src/message/platforms.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { OWNER_IDS } from "../lib/owner-ids.ts";
import { isDemo } from "./demo.ts";
import type { Path } from "./document.ts";
import { type DraftRoute, modelBlock } from "./draft.ts";
import type { Report } from "./endpoint.ts";
import type { Endpoint } from "./endpoint-schema.ts";
import { some } from "./fields.ts";
import type { RoutesFile } from "./schema.ts";
import { inWords } from "./schema-parts.ts";

/** Platforms on which `owners` and `homes` say who is answered while strangers are not. */
const BY_ID = PLATFORM_NAMES.filter((name) => typeof OWNER_IDS[name] === "object");

/** Platforms on which these routes answer nobody: they name no owner there, and ignore strangers. */
export const silentPlatforms = ({
  owners,
  homes,
  access,
}: Pick<CompiledRoutes, "owners" | "homes" | "access">) =>
  BY_ID.filter((name) => access.strangers === "ignore" && !isOwnedOn(name, { owners, homes }));

const isOwnedOn = (name: PlatformName, { owners, homes }: Pick<CompiledRoutes, "owners" | "homes">) =>
  (owners[name] ?? []).length > 0 || homes[name] !== undefined;

/** Finds what a sound file lacks to be of use in this checkout; a text without a file has no surroundings. */
export function lintSurroundings(
  file: RoutesFile,
  compiled: Omit<CompiledRoutes, "hash">,
  routes: readonly DraftRoute[],
  report: Report,
): void {
  const { base, access } = compiled;
  // Who names an owner on one platform may have no bot on the other. The demo brings an owner of its own.
  const isOwned = BY_ID.some((name) => isOwnedOn(name, compiled));
  if (!isOwned && !isDemo(compiled) && (base.provider !== "echo" || speaksOfPeople(file, routes))) {
    const where = inWords(BY_ID.map((name) => PLATFORM_FACTS[name].title));
    const message =
      access.strangers === "ignore"
        ? `nobody is answered on ${where}: owners names nobody, and strangers are ignored`
        : `nobody may change the model or stop a stranger on ${where}: owners names nobody`;
    report("warning", ["owners"], message, "key");
  }
  if (hasAiBinding()) return;
  for (const { provider, path } of blocksOf(file, routes)) {
    if (provider !== "workers-ai") continue;
    const message = "workers-ai needs its binding: uncomment [ai] in wrangler.toml";
    report("warning", [...path, "provider"], message);
  }
}

/** Whether the file says anything of who writes: one of a model alone may be for Hub, or for a look around. */
const speaksOfPeople = ({ owners, homes, access }: RoutesFile, routes: readonly DraftRoute[]): boolean =>
  Boolean(owners ?? homes ?? access) ||
  routes.some(
    ({ match }) =>
      match.source_kind?.includes("owner") || BY_ID.some((name) => match.platform?.includes(name)),
  );

/** Every block of the file that may name a provider. */
function blocksOf(file: RoutesFile, routes: readonly DraftRoute[]) {
  const withFallbacks = (block: Endpoint & { readonly fallbacks?: unknown }, path: Path) => [
    { provider: some(block.provider), path },
    ...(Array.isArray(block.fallbacks) ? block.fallbacks : []).map((fallback: Endpoint, index) => ({
      provider: some(fallback.provider),
      path: [...path, "fallbacks", index],
    })),
  ];
  return [
    ...withFallbacks(modelBlock(file), ["model"]),
    ...routes.flatMap(({ block, path }) => withFallbacks(block, path)),
    ...Object.entries(file.models ?? {}).flatMap(([name, entry]) =>
      typeof entry === "object" ? withFallbacks(entry, ["models", name]) : [],
    ),
  ];
}

/** Whether the Worker of this checkout is given Workers AI. */
const hasAiBinding = (): boolean =>
  /^\s*\[ai\]/m.test(readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8"));
