import * as z from "zod";
import { type Variables, variable } from "../../src/env.ts";
import { ok, type Result } from "../../src/lib/result.ts";
import { REACHABLE_BY, unreachable } from "./address.ts";
import { callHub, type Refusal } from "./api.ts";
import type { Note, Plan, Step } from "./plan.ts";

const ABOUT = "Hub";

const Agent = z.object({ agent_id: z.string(), callback_url: z.string().nullish() });
const Analytics = z.object({
  delivery_status: z.array(
    z.object({
      agent_id: z.string(),
      callback_url: z.string().nullish(),
      callback_verified: z.boolean().nullish(),
    }),
  ),
});
const Patched = z.object({ updated: z.array(z.string()).default([]) });
export const Registered = z.object({ secret: z.string() });

/** What Hub knows of an agent. */
export interface HubState {
  readonly agent: string;
  /** Where it is called back; null for nowhere, undefined where Hub does not say. */
  readonly callback: string | null | undefined;
  /** Whether Hub tried that address in vain. */
  readonly is_dead: boolean;
}

const agentPath = (env: Variables): string =>
  `/agents/${encodeURIComponent(variable(env, "HUB_AGENT_ID") ?? "")}`;

/** The agent, if it exists. */
export const findAgent = (env: Variables): Promise<Result<z.output<typeof Agent>, Refusal>> =>
  callHub(env, agentPath(env), Agent);

/** Asks Hub: that the agent exists, that the secret opens its inbox, and where it is called back. Changes nothing. */
export async function findHub(env: Variables): Promise<Result<HubState, Refusal>> {
  const agent = variable(env, "HUB_AGENT_ID") ?? "";
  const found = await findAgent(env);
  if (!found.ok) return found;
  const inbox = await callHub(env, `${agentPath(env)}/messages?unread=true&mark_read=false`, z.unknown());
  if (!inbox.ok) return inbox;
  // The agent itself need not tell it.
  const analytics = await callHub(env, "/hub/analytics", Analytics);
  const row = analytics.ok && analytics.value.delivery_status.find(({ agent_id }) => agent_id === agent);
  const callback = row ? (row.callback_url ?? null) : found.value.callback_url;
  return ok({ agent, callback, is_dead: row ? row.callback_verified === false : false });
}

/** Where Hub is to call back: the token keeps noise out, and proves nothing. */
export function callbackOf(gateway: string, env: Variables): string {
  const token = variable(env, "HUB_WEBHOOK_TOKEN");
  const query = token === undefined ? "" : `?token=${encodeURIComponent(token)}`;
  return `${gateway}/webhooks/hub${query}`;
}

/** What is to be done so that the agent serves this gateway. Pure. */
export function planHub({ agent, callback, is_dead }: HubState, gateway: string, env: Variables): Plan {
  const notes: Note[] = [{ about: ABOUT, level: "ok", text: `the secret is ${agent}'s` }];
  const url = callbackOf(gateway, env);
  const cannot = unreachable(gateway, variable(env, "HUB_BASE_URL") ?? "");
  if (cannot !== null) {
    const text = `no callback to ${shown(url)}: ${cannot}`;
    return { notes: [...notes, { about: ABOUT, level: "to do", text, todo: REACHABLE_BY }], steps: [] };
  }
  if (callback === url && !is_dead) {
    return { notes: [...notes, { about: ABOUT, level: "ok", text: `callback: ${shown(url)}` }], steps: [] };
  }
  const why = is_dead && callback === url ? "Hub tried it in vain" : null;
  return { notes, steps: [step(url, callback, env, why)] };
}

/** What is to be taken back so that the agent no longer serves this gateway. Pure. */
export function unplanHub({ callback }: HubState, gateway: string, env: Variables): Plan {
  if (callback && URL.parse(callback)?.href.split("?")[0] === `${gateway}/webhooks/hub`) {
    return { notes: [], steps: [step(null, callback, env)] };
  }
  const text = `callback: ${callback ? shown(callback) : callback === null ? "none" : "unknown"}, not this gateway's`;
  return { notes: [{ about: ABOUT, level: "ok", text }], steps: [] };
}

function step(
  url: string | null,
  found: HubState["callback"],
  env: Variables,
  why: string | null = null,
): Step {
  const was = found ? shown(found) : found === null ? "none" : "unknown";
  const call = { api: "hub", path: agentPath(env), body: { callback_url: url } } as const;
  const token = found && url && shown(found) === shown(url) ? ", with another token" : "";
  const text = `callback: ${url ? shown(url) : "none"} (${why ?? `was: ${was}${token}`})`;
  return { about: ABOUT, text, call };
}

/** An address without its token. */
const shown = (url: string): string => url.replace(/\?.*/, "");

/** Sets what a step says, and gives what Hub found when it tried the address. */
export async function patchHub(
  env: Variables,
  path: string,
  body: object,
): Promise<Result<string | null, Refusal>> {
  const patched = await callHub(env, path, Patched, { method: "PATCH", body });
  if (!patched.ok) return patched;
  const warning = patched.value.updated.find((line) => line.startsWith("WARNING"));
  return ok(warning === undefined ? null : shown(warning));
}
