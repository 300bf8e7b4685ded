import routes from "talaria-routes";
import type { Env } from "../env.ts";
import { readBody } from "../lib/body.ts";
import { parseJson } from "../lib/json.ts";
import { log } from "../lib/log.ts";
import { movedKey, roomKey, sessionKey } from "../message/key.ts";
import type { InboundMessage } from "../message/message.ts";
import { findPlatform, isOn } from "../platforms/index.ts";
import type { Platform, WebhookEvent } from "../platforms/platform.ts";
import { admit, classify } from "../routing/source.ts";

/** No platform sends more; the runtime itself would let 100 MB through into a 128 MB isolate. */
const MAX_BODY_BYTES = 1024 * 1024;
const TELL_FORGED_MS = 60_000;

/** Lets work go on once the request is answered. */
export type Background = Pick<ExecutionContext, "waitUntil">;

/** A request to `/webhooks/<platform>`. */
interface Arrival {
  readonly platform: string;
  readonly request: Request;
  readonly env: Env;
  readonly background: Background;
}

/**
 * `/webhooks/:platform`: refuses as soon as it can be known (docs/contract.md, "HTTP"), and answers the platform
 * once the message is durable. Nothing is stored, called or sent before authenticity is proved.
 */
export async function receiveWebhook(arrival: Arrival): Promise<Response> {
  const { request, env } = arrival;
  const platform = findPlatform(arrival.platform);
  const webhook = platform?.webhook;
  if (!platform || !webhook || !isOn(platform, env)) return refuse(404, "not found");
  const read = request.method === "GET" && webhook.read;
  if (request.method !== "POST" && !read) {
    const allow = webhook.read ? "GET, POST" : "POST";
    return refuse(405, `use ${allow}`, { allow });
  }
  const now = Date.now();
  const verdict = await webhook.verify(request, env, now);
  if (verdict === false) return forged(platform, now);
  if (read) return read(request, env);
  const { bytes, end } = await readBody(request, MAX_BODY_BYTES);
  if (end === "limit") return refuse(413, "body over 1 MiB");
  if (end === "broken") return refuse(400, "the body broke off");
  if (verdict !== true && !(await verdict(bytes))) return forged(platform, now);
  const payload = parseJson(bytes);
  if (payload === undefined) return answer(arrival, platform, { kind: "malformed", detail: "not JSON" });
  return answer(arrival, platform, await webhook.parse(payload, env, routes, now));
}

/** Forged requests that no line tells of yet, and when one last did (Unix milliseconds), by platform. */
const forgeries = new Map<string, { count: number; told_at: number }>();

/**
 * Refuses a request, and logs which secrets to check: a wrong secret here looks the same as a forged request. One
 * line a minute tells how many there were, so that whoever forges them does not write the log.
 */
function forged({ name, secrets }: Platform, now: number): Response {
  const found = forgeries.get(name) ?? { count: 0, told_at: 0 };
  forgeries.set(name, found);
  found.count++;
  if (now - found.told_at >= TELL_FORGED_MS) {
    log("warn", "not_authentic", {
      platform: name,
      count: found.count,
      detail: `check ${secrets.join(", ")}`,
    });
    forgeries.set(name, { count: 0, told_at: now });
  }
  return refuse(401, "not authentic");
}

async function answer(
  { env, background }: Arrival,
  platform: Platform,
  event: WebhookEvent,
): Promise<Response> {
  switch (event.kind) {
    case "malformed":
      // It is the platform's own, and yet cannot be read: a newer API, or something that is not set up right.
      log("warn", "malformed", { platform: platform.name, detail: event.detail });
      return refuse(400, event.detail);
    case "ignored":
      return Response.json({ ok: true });
    case "moved":
      try {
        await env.OVERRIDES.put(movedKey(platform.name, event.to), event.from);
      } catch (error) {
        log("warn", "move_not_stored", { platform: platform.name, detail: String(error) });
        return refuse(503, "not stored");
      }
      return Response.json({ ok: true });
    case "later":
      log("warn", "not_judged_yet", { platform: platform.name, reason: event.reason });
      return refuse(503, "deliver this again");
    case "reply":
      return Response.json(event.body);
    case "background":
      background.waitUntil(
        event.work(env).catch((error: unknown) => {
          log("error", "background_failed", { platform: platform.name, detail: String(error) });
        }),
      );
      return Response.json({ ok: true });
    case "message": {
      const { message, meanwhile, overheard = false } = event;
      if (meanwhile) background.waitUntil(meanwhile(env));
      const admission = admit(message.source, classify(message.source, routes), routes.access);
      if (!admission.ok) {
        const { user_id } = message.source;
        log("info", "refused", { platform: platform.name, reason: admission.reason, user_id });
        return Response.json(event.refused);
      }
      if (!(await handOver(message, overheard, env))) return refuse(503, "not stored");
      return Response.json(event.accepted);
    }
  }
}

/** Stores the message in its session, or what is only overheard in its room's; tries once more, since the delivery id makes that safe. */
async function handOver(message: InboundMessage, overheard: boolean, env: Env): Promise<boolean> {
  const session = (overheard ? roomKey : sessionKey)(message.source);
  for (let tries = 1; tries <= 2; tries++) {
    try {
      const object = env.SESSIONS.getByName(session);
      const outcome = await (overheard ? object.overhear(message) : object.accept(message));
      if (outcome === "full") log("warn", "session_full", { session, delivery_id: message.delivery_id });
      return true;
    } catch (error) {
      log("error", "not_accepted", {
        session,
        delivery_id: message.delivery_id,
        tries,
        detail: String(error),
      });
    }
  }
  return false;
}

function refuse(
  status: 400 | 401 | 404 | 405 | 413 | 503,
  error: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error }, { status, headers });
}
