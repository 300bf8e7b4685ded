import { baseUrlProblem } from "../../src/inference/http/endpoint.ts";
import { own } from "../../src/lib/own.ts";
import { base as bottom, finish, over } from "../../src/routing/layers.ts";
import { sends } from "../../src/routing/providers.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { ownerIdOf } from "../lib/owner-ids.ts";
import type { Path } from "./document.ts";
import { accessOf, type DraftRoute, modelBlock } from "./draft.ts";
import { hostOf, isCredentialHeader, type Report } from "./endpoint.ts";
import type { Endpoint } from "./endpoint-schema.ts";
import { fieldsOf, some } from "./fields.ts";
import { replacementOf } from "./gone-models.ts";
import { usualKey } from "./hermes-providers.ts";
import { quote } from "./issues.ts";
import type { RoutesFile } from "./schema.ts";

/** Models of the shipped file, which only the provider echo has. */
const DEMO_MODEL = /^echo-/;
/** What the finding about such a model says. */
export const IS_OF_DEMO = "is a model of the demo";
/** Keys that a message of this platform never has. */
const NEVER: { readonly [platform: string]: readonly string[] } = {
  telegram: ["guild_id", "verified", "priority"],
  discord: ["verified", "priority"],
};
/** Who is not answered unless `access` says so, by the key that says it. */
const GATES = { stranger: "strangers", hub_peer: "hub_peers" } as const;

/** Finds what is valid and sound and yet answers nobody, or with nothing. */
export function lintReach(
  file: RoutesFile,
  base: Bundle,
  routes: readonly DraftRoute[],
  report: Report,
): void {
  checkTarget(base, modelBlock(file), ["model"], report);
  for (const route of routes) {
    checkGate(file, route, report);
    checkGuests(file, route, report);
    checkKeys(route, report);
    checkIds(route, report);
    checkOther(base, route.block, route.path, report);
  }
  for (const [name, entry] of Object.entries(file.models ?? {})) {
    const block = typeof entry === "object" ? entry : { model: entry };
    checkOther(base, block, ["models", name], report);
  }
}

function checkGate(file: RoutesFile, { match, path }: DraftRoute, report: Report): void {
  const kinds = match.source_kind ?? [];
  const access = accessOf(file);
  const shut = Object.entries(GATES).filter(
    ([kind, gate]) =>
      kinds.includes(kind) && access[gate] === "ignore" && !(kind === "stranger" && access.allowed),
  );
  if (shut.length === 0 || shut.length < kinds.length) return;
  const [[kind, gate] = []] = shut;
  report("warning", [...path], `never taken: access ignores every ${kind} (${gate}: ignore)`, "key");
}

function checkGuests(file: RoutesFile, { match, path }: DraftRoute, report: Report): void {
  const types = match.chat_type ?? [];
  if (types.length === 0 || types.some((type) => type !== "guest")) return;
  if (accessOf(file).guests === "answer") return;
  report("warning", [...path], "never taken: access answers no guests (guests: ignore)", "key");
}

function checkKeys({ match, written, path }: DraftRoute, report: Report): void {
  const platforms = match.platform ?? [];
  for (const key of Object.keys(match)) {
    if (platforms.length === 0 || !platforms.every((name) => own(NEVER, name)?.includes(key))) continue;
    const at = written === undefined ? path : [...path, "match", key];
    report("warning", at, `never taken: a message on ${platforms.join(" or ")} has no ${key}`, "key");
  }
}

/** People are known by id: nobody's name ever matches. */
function checkIds({ match, path }: DraftRoute, report: Report): void {
  const platforms = match.platform ?? ["telegram", "discord"];
  const facts = platforms.map((name) => ownerIdOf(name));
  for (const id of match.user_id ?? []) {
    if (!facts.every((fact) => typeof fact === "object" && !fact.pattern.test(id))) continue;
    if (match.platform === undefined && !id.startsWith("@")) continue;
    const [fact] = facts;
    const how = typeof fact === "object" ? fact.in_words : "by id";
    report(
      "warning",
      [...path, "match", "user_id"],
      `${quote(id)} matches nobody: ${platforms.join(" and ")} ${platforms.length === 1 ? "identifies" : "identify"} people ${how}`,
    );
  }
}

/** A block that goes to another endpoint than the model block, or asks it for another model. */
function checkOther(base: Bundle, block: Endpoint, path: Path, report: Report): void {
  const set = fieldsOf(block);
  const { bundle } = finish(over(bottom(base), set, "route"));
  const moves = set.provider !== undefined || set.base_url !== undefined;
  if (moves || set.model !== undefined) checkTarget(bundle, block, path, report, moves);
}

function checkTarget(bundle: Bundle, block: Endpoint, path: Path, report: Report, moves = true): void {
  const instead = bundle.provider === "workers-ai" ? replacementOf(bundle.model) : null;
  if (instead !== null) {
    const message = `Workers AI no longer has ${bundle.model}; it recommends ${instead}`;
    report("warning", path, message, "key");
  }
  if (!sends(bundle.provider)) return;
  if (DEMO_MODEL.test(bundle.model)) {
    report(
      "warning",
      path,
      `${quote(bundle.model)} ${IS_OF_DEMO}: ${hostOf(bundle.base_url)} has none`,
      "key",
    );
  }
  const credential = Object.keys(some(block.headers) ?? {}).some(isCredentialHeader);
  if (!moves || bundle.api_key !== null || credential || !isPublic(bundle.base_url)) return;
  const usual = usualKey(bundle.base_url);
  const cure = usual === null ? "" : `; write api_key: \${${usual}}`;
  report("warning", path, `no api_key: ${hostOf(bundle.base_url)} is asked without one${cure}`, "key");
}

/** Whether a base_url leads away from this machine; one that a secret holds may. */
function isPublic(base_url: string | null): boolean {
  const url = base_url === null ? null : URL.parse(base_url);
  return url !== null && url.protocol === "https:" && baseUrlProblem(url) === null;
}
