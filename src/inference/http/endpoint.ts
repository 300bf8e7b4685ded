import type { Variables } from "../../env.ts";
import { asObject, isObject } from "../../lib/json.ts";
import { fail, ok, type Result } from "../../lib/result.ts";
import { fillMarks, placeNames } from "../../lib/template.ts";
import { isLoopback, withoutSlash } from "../../lib/url.ts";
import { interpolate } from "../../routing/secrets.ts";
import type { Bundle } from "../../routing/types.ts";
import type { Failure, Origin } from "../types.ts";

/** An endpoint with its secrets read. Never logged. */
export interface Endpoint {
  readonly base: URL;
  readonly key: string | null;
  readonly headers: { readonly [name: string]: string };
  readonly extra_body: { readonly [field: string]: unknown };
  /** What `${NAME}`s stood for, wherever they stood. */
  readonly secrets: readonly string[];
}

/**
 * The bundle's address, key, headers and extra_body with every `${NAME}` resolved, and every mark (`{session}`)
 * replaced by what `origin` says; what has a mark of which nothing is known is left out.
 * Fails with `missing_secret`, naming the secrets that are not set, or `bad_config`.
 */
export function readEndpoint(bundle: Bundle, env: Variables, origin: Origin): Result<Endpoint, Failure> {
  const missing: string[] = [];
  const secrets: string[] = [];
  const resolved = (text: string): string => {
    const result = interpolate(text, env);
    if (!result.ok) missing.push(...result.error.missing);
    else if (result.value !== text) secrets.push(result.value);
    return result.ok ? result.value : "";
  };
  // A secret that was piped in from a file ends in a line break, which a header loses.
  const read = (text: string): string => resolved(text).trim();
  const header = (text: string): string | undefined =>
    fillMarks(text, (name) => headerText(origin[name]), resolved)?.trim();
  const field = (value: unknown): unknown => {
    if (typeof value === "string") return fillMarks(value, (name) => origin[name] ?? undefined, resolved);
    if (Array.isArray(value)) return value.map(field).filter((item) => item !== undefined);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, field(inner)]));
  };
  if (bundle.base_url === null) {
    return fail({ reason: "bad_config", detail: `provider ${bundle.provider} without base_url` });
  }
  const base_url = read(bundle.base_url);
  const key = bundle.api_key === null ? null : read(bundle.api_key);
  const headers: { [name: string]: string } = {};
  for (const [name, text] of Object.entries(bundle.headers ?? {})) {
    const value = header(text);
    if (value !== undefined) headers[name.toLowerCase()] = value;
  }
  const extra_body = asObject(field(bundle.extra_body)) ?? {};
  if (missing.length > 0) {
    return fail({ reason: "missing_secret", detail: `not set: ${[...new Set(missing)].join(", ")}` });
  }
  const base = URL.parse(base_url);
  const problem = base === null ? "base_url is not a URL" : baseUrlProblem(base);
  if (base === null || problem !== null) return fail({ reason: "bad_config", detail: problem ?? "" });
  return ok({ base, key, headers, extra_body, secrets });
}

/** What came from outside as a header may have it: whatever means something there, or is no ASCII, as `%XX`. */
export const headerText = (text: Origin[keyof Origin]): string | undefined =>
  text?.toWellFormed().replace(/[^\w.~:@-]/gu, encodeURIComponent);

/** base_url plus the mode's path; a query (`?api-version=…`) stays where it belongs. */
export function addressOf(base: URL, path: string): string {
  const url = new URL(base);
  url.pathname = withoutSlash(url.pathname) + path;
  return url.href;
}

/** Why a base_url must not be called: a key would travel in clear, or stand in the address. Null if it may. */
export function baseUrlProblem(url: URL): string | null {
  if (url.username !== "" || url.password !== "") return "base_url contains a user name or password";
  if (url.protocol === "https:") return null;
  if (url.protocol !== "http:") return "base_url is neither https nor http";
  return isLoopback(url.hostname) ? null : "base_url is http, which only a loopback address may be";
}

/** Why headers must not be sent: the runtime would refuse them, and print the value. Null if they may. */
export function headersProblem(headers: { readonly [name: string]: string }): string | null {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return "a header's name has a character that none may have";
    if (!/^[\x20-\x7e]*$/.test(value)) return `the value of header ${name} is not all printable ASCII`;
  }
  return null;
}

/** What is shorter is no secret, and would be found in many an identifier. */
const MIN_SECRET_CHARS = 6;

/**
 * A failure's detail as a log may have it: without the words of the endpoint's key, headers and secrets, should
 * the endpoint's own identifiers hold one.
 */
export function conceal(detail: string, { key, headers, secrets }: Endpoint): string {
  return [key ?? "", ...Object.values(headers), ...secrets]
    .flatMap((value) => value.split(/[^\w.[\]-]+/))
    .filter((word) => word.length >= MIN_SECRET_CHARS)
    .sort((a, b) => b.length - a.length)
    .reduce((clean, word) => clean.replaceAll(word, "[hidden]"), detail);
}

/** The host a bundle calls, as the routes file says it: a `${NAME}` stays unresolved. For logs. */
export function hostOf(bundle: Bundle): string {
  const address = bundle.base_url;
  if (address === null) return bundle.provider;
  const host = /^[a-z]+:\/\/(?:[^/@]*@)?([^/?#]+)/i.exec(address)?.[1];
  return host ?? placeNames(address).map((name) => `\${${name}}`)[0] ?? "?";
}
