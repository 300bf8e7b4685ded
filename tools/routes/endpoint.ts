import { baseUrlProblem } from "../../src/inference/http/endpoint.ts";
import { fillPlaces, MARK_NAMES } from "../../src/lib/template.ts";
import { withoutSlash } from "../../src/lib/url.ts";
import { base as bottom, finish, over, sameEndpoint } from "../../src/routing/layers.ts";
import { type ApiMode, sends } from "../../src/routing/providers.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { nearest } from "../../src/text/nearest.ts";
import type { Path } from "./document.ts";
import type { Endpoint } from "./endpoint-schema.ts";
import { fieldsOf, some } from "./fields.ts";
import type { FindingLevel } from "./findings.ts";
import { hermesProvider, isForeign } from "./hermes-providers.ts";
import { quote } from "./issues.ts";
import { HERMES_KEYS } from "./names.ts";

/** Notes a finding at a place of the file. */
export type Report = (level: FindingLevel, path: Path, message: string, part?: "key" | "value") => void;

/** Stands for a secret's value while a URL is looked at: a character that is in none. */
const ANYTHING = "\ue000";
/** A whole port that is a secret: a word there would be no URL. */
const PORT = new RegExp(`:${ANYTHING}(?=/|$)`);
const CREDENTIAL_HEADER = /key|token|secret|auth|cookie/i;

/** Whether a header of this name holds a credential. */
export const isCredentialHeader = (name: string): boolean => CREDENTIAL_HEADER.test(name);

/** Parameters that the Messages API does not have (sampling: from version 2026-10-21 on), so that they are not sent. */
const NOT_IN_MESSAGES = [
  "temperature",
  "top_p",
  "top_k",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "verbosity",
] as const;
const ENDPOINT_PATH = /\/(chat\/completions|completions|responses|messages)$/;

/** What is wrong, or risky, in any block that names an endpoint. No message holds a credential. */
export function checkEndpoint(block: Endpoint, base: Bundle, path: Path, report: Report): void {
  for (const [key, cure] of Object.entries(HERMES_KEYS)) {
    if (!Object.hasOwn(block, key)) continue;
    const instead = cure === null ? "" : `; instead, ${cure}`;
    report("warning", [...path, key], `${key} is Hermes's and means nothing here${instead}`, "key");
  }
  checkForeign(block, base, path, report);
  if (some(block.key_env) !== undefined && some(block.api_key) !== undefined) {
    report(
      "warning",
      [...path, "api_key"],
      "key_env is given too, and wins over api_key, as in Hermes",
      "key",
    );
  }
  const { base_url, api_key, api_mode } = fieldsOf(block);
  if (base_url !== undefined) checkUrl(base_url, api_mode, [...path, "base_url"], report);
  if (api_key !== undefined) checkSecret(api_key, [...path, "api_key"], true, report);
  for (const [name, value] of Object.entries(some(block.headers) ?? {})) {
    checkSecret(value, [...path, "headers", name], isCredentialHeader(name), report);
    checkMarks(value, [...path, "headers", name], report);
  }
  checkTexts(some(block.extra_body), [...path, "extra_body"], report);
  checkSampling(block, base, path, report);
}

/** A provider that only Hermes knows is an endpoint like any other; without an address it never answers. */
function checkForeign(block: Endpoint, base: Bundle, path: Path, report: Report): void {
  const name = some(block.provider);
  if (name === undefined || !isForeign(name)) return;
  const { bundle } = over(bottom(base), fieldsOf(block), "route");
  const here = `provider ${name} is not built in here`;
  if (bundle.base_url !== null) {
    report("warning", [...path, "provider"], `${here}: taken as custom`);
    return;
  }
  const address = hermesProvider(name)?.base_url;
  const cure = address ? `base_url: ${address}` : "the base_url of its endpoint";
  report("error", [...path, "provider"], `${here}, and never answers without an address: add ${cure}`);
}

function checkSampling(block: Endpoint, base: Bundle, path: Path, report: Report): void {
  const { bundle } = over(bottom(base), fieldsOf(block), "route");
  if (bundle.api_mode !== "anthropic_messages" || !sends(bundle.provider)) return;
  for (const name of NOT_IN_MESSAGES.filter((each) => some(block[each]) !== undefined)) {
    report(
      "warning",
      [...path, name],
      `${name} has no effect with anthropic_messages: its version 2026-10-21 does not have it`,
      "key",
    );
  }
}

function checkSecret(text: string, path: Path, credential: boolean, report: Report): void {
  const rest = withoutPlaces(text);
  if (rest.includes("${")) {
    report(
      "error",
      path,
      "a ${…} here is not closed, or its name has other characters than letters, digits and _",
    );
  } else if (credential && /^\$\w+$/.test(text)) {
    report(
      "error",
      path,
      `${text} would be sent as it is written: a secret's name stands in braces, \${${text.slice(1)}}`,
    );
  } else if (credential && rest === text) {
    report(
      "warning",
      path,
      `a literal ${path.at(-1)} would be bundled into the Worker; write \${NAME} and set that secret`,
    );
  }
}

/** Every text of an extra_body, wherever it stands. */
function checkTexts(value: unknown, path: Path, report: Report): void {
  if (typeof value === "string") {
    checkSecret(value, path, CREDENTIAL_HEADER.test(String(path.at(-1))), report);
    checkMarks(value, path, report);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      checkTexts(inner, [...path, Array.isArray(value) ? Number(key) : key], report);
    }
  }
}

/** A place such as `{sesion}` would be sent as it is. */
function checkMarks(text: string, path: Path, report: Report): void {
  for (const [place, word = ""] of text.matchAll(/(?<!\$)\{(\w+)\}/g)) {
    const meant = MARK_NAMES.some((name) => name === word) ? null : nearest(word, MARK_NAMES);
    if (meant !== null) report("warning", path, `${quote(place)} is sent as it is; did you mean {${meant}}?`);
  }
}

function checkUrl(text: string, mode: ApiMode | undefined, path: Path, report: Report): void {
  const fault = urlFault(text);
  if (fault !== null) {
    report("error", path, fault);
  } else if (ENDPOINT_PATH.test(withoutSlash(text))) {
    report("warning", path, "base_url is where the endpoint begins: the path of the api_mode is added to it");
  } else if (mode === "anthropic_messages" && !/(\/v\d\w*|\})$/.test(withoutSlash(text))) {
    report("warning", path, "requests go to {base_url}/messages, so base_url usually ends in /v1");
  } else if (/^https?:\/\/[^/]+$/.test(withoutSlash(text))) {
    report("warning", path, "the path of the api_mode is added to base_url, which usually ends in /v1");
  }
}

const withoutPlaces = (text: string): string => fillPlaces(text, () => "");

/** Why this cannot be a base_url, or null: what the Worker would refuse to call, and what would not work. */
function urlFault(text: string): string | null {
  if (withoutPlaces(text).includes("${")) return "base_url has a ${…} that is not a secret's name";
  // A secret that holds the start of the URL is only known at run time.
  if (text.startsWith("${")) return null;
  const sample = fillPlaces(text, () => ANYTHING)
    .replace(PORT, ":1")
    .replaceAll(ANYTHING, "x");
  const url = /\s/.test(sample) ? null : URL.parse(sample);
  if (url === null) return "base_url is not a URL";
  const problem = baseUrlProblem(url);
  if (problem !== null) return problem;
  return url.search !== "" || url.hash !== "" ? "base_url must not have a query or a fragment" : null;
}

/** Hermes's inheritance: a layer that goes to another endpoint without a key of its own takes the model block's. */
export function checkInheritedKey(block: Endpoint, base: Bundle, path: Path, report: Report): void {
  const set = fieldsOf(block);
  if (set.api_key !== undefined || base.api_key === null) return;
  const { bundle } = finish(over(bottom(base), set, "route"));
  if (!sends(bundle.provider)) return;
  const moved = !sameEndpoint(bundle.base_url, base.base_url);
  const field = set.base_url !== undefined && moved ? "base_url" : "provider";
  if (moved) {
    report(
      "warning",
      [...path, field],
      `this changes ${field} and has no api_key: the model block's key would go to ${hostOf(bundle.base_url)}`,
    );
  } else if (bundle.provider !== base.provider) {
    report(
      "warning",
      [...path, field],
      "this changes provider and has neither base_url nor api_key: the model block's are used",
    );
  }
}

/** A fallback that leaves the model block's endpoint is not given its key. */
export function checkFallbackKey(block: Endpoint, base: Bundle, path: Path, report: Report): void {
  const set = fieldsOf(block);
  const { bundle } = finish(over(bottom(base), set, "route"));
  if (set.api_key !== undefined || base.api_key === null || !sends(bundle.provider)) return;
  if (sameEndpoint(bundle.base_url, base.base_url)) return;
  const field = set.base_url !== undefined ? "base_url" : "provider";
  report(
    "warning",
    [...path, field],
    `this fallback goes to ${hostOf(bundle.base_url)} without a key: it needs its own api_key`,
  );
}

/** The host alone: what stands before it or behind it may be a credential. */
export function hostOf(base_url: string | null): string {
  const host = base_url === null ? undefined : /^https?:\/\/(?:[^/@]*@)?([^/?#]+)/.exec(base_url)?.[1];
  return host ?? "another host";
}
