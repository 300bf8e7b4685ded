import { type Env, type HubInboxObject, type Variables, variable } from "../../env.ts";
import { isObject } from "../../lib/json.ts";
import { sameSecret } from "../../lib/secret.ts";
import type { Webhook, WebhookEvent } from "../platform.ts";
import { isProbe } from "./schema.ts";

/**
 * Hub signs nothing and publishes callback URLs, so a callback proves nothing: it is a hint to read the own
 * inbox, and none of its content is used (docs/hub.md, "Callbacks"). `HUB_WEBHOOK_TOKEN` only keeps noise out.
 */
export const webhook: Webhook = { verify, parse };

async function verify(request: Request, env: Variables): Promise<boolean> {
  const token = variable(env, "HUB_WEBHOOK_TOKEN");
  return token === undefined || sameSecret(new URL(request.url).searchParams.get("token"), token);
}

async function parse(payload: unknown): Promise<WebhookEvent> {
  if (!isObject(payload)) {
    return { kind: "malformed", detail: "a callback is a JSON object" };
  }
  if (isProbe(payload)) return { kind: "ignored", reason: "probe" };
  return { kind: "background", work: async (env) => inboxOf(env).hint() };
}

/** The one object that reads this agent's inbox. */
export function inboxOf(env: Env): DurableObjectStub<HubInboxObject> {
  return env.HUB_INBOX.getByName(`inbox:${variable(env, "HUB_AGENT_ID") ?? ""}`);
}
