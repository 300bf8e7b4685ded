import * as v from "valibot";
import { type Env, type Variables, variable } from "../../env.ts";
import { parsed } from "../../lib/schema.ts";
import { bears } from "../../lib/secret.ts";
import { sessionKey } from "../../message/key.ts";
import type { Source } from "../../message/source.ts";
import type { Webhook, WebhookEvent } from "../platform.ts";

const Name = v.custom<string>((value) => typeof value === "string" && /^[\w.-]{1,64}$/.test(value));
/** A message's place: what its answer is followed by. */
const Place = { session: Name, delivery_id: Name };
const Where = v.object(Place);
const Said = v.object({ ...Place, text: v.string() });

const verify = async (request: Request, env: Variables): Promise<boolean> =>
  !request.headers.has("origin") && bears(request, variable(env, "ADMIN_TOKEN"));

const sourceOf = (session: string): Source => ({ platform: "cli", chat_type: "dm", chat_id: session });

async function parse(
  payload: unknown,
  _env: Variables,
  _routes: unknown,
  now: number,
): Promise<WebhookEvent> {
  const said = parsed(Said, payload);
  if (!said?.text.trim()) return { kind: "malformed", detail: "not {session, delivery_id, text}" };
  const { session, delivery_id, text } = said;
  const message = { delivery_id, source: sourceOf(session), text, address: {}, received_at: now };
  return { kind: "message", message, accepted: { ok: true }, refused: null };
}

async function read(request: Request, env: Env): Promise<Response> {
  const where = parsed(Where, Object.fromEntries(new URL(request.url).searchParams));
  const session = where && env.SESSIONS.getByName(sessionKey(sourceOf(where.session)));
  const events = await session?.follow(where?.delivery_id ?? "");
  return events
    ? new Response(events, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } })
    : Response.json({ error: "no such message" }, { status: 404 });
}

/** Whoever holds ADMIN_TOKEN may speak. No page of a browser is let in, whatever it knows. */
export const webhook: Webhook = { verify, parse, read };
