import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import { isObject, parseObject } from "../lib/json.ts";
import { type ApiAnswer, apiError, type Channels } from "./discord-channels.ts";
import type { FaultPlan } from "./faults.ts";
import { formFields, isForm, isSentFile } from "./form.ts";

/** The REST calls that a gateway makes. */
export type DiscordCallName =
  | "edit_original"
  | "follow_up"
  | "channel_message"
  | "thread"
  | "put_commands"
  | "get_commands"
  | "get_application"
  | "patch_application"
  | "download"
  | "unknown";

export type DiscordFault =
  | { readonly kind: "rate_limited"; readonly retry_after: number }
  | { readonly kind: "unknown_webhook" }
  | { readonly kind: "token_expired" }
  | { readonly kind: "unavailable"; readonly status: number }
  /** The message is shown, but the connection ends before the gateway hears of it. */
  | { readonly kind: "answer_lost" };

export interface DiscordCall {
  readonly name: DiscordCallName;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  /** HTTP status of the answer; null while there is none. */
  status: number | null;
  /** When it was answered, in the same milliseconds. */
  ended_at: number | null;
}

export interface DiscordState {
  readonly botToken: string;
  readonly channels: Channels;
  readonly calls: DiscordCall[];
  readonly faults: FaultPlan<DiscordFault>;
  readonly application: DiscordApplication;
  /** Whether an interactions endpoint answers as Discord wants it to, which tries it as it is saved. */
  readonly tries: (endpoint: string) => Promise<boolean>;
  /** What can be downloaded; a file's id is its place. */
  readonly files: readonly Uint8Array<ArrayBuffer>[];
}

/** An application, as `GET /applications/@me` gives it. */
export interface DiscordApplication {
  readonly id: string;
  readonly name: string;
  readonly verify_key: string;
  readonly owner: { readonly id: string };
  interactions_endpoint_url: string | null;
}

type Answer = (target: string, body: Record<string, unknown>) => ApiAnswer | Promise<ApiAnswer>;
type ApiContext = Context<{ Bindings: HttpBindings }>;

/** Discord's REST API as far as a gateway calls it, and its CDN, in life another host. */
export function discordApp({ botToken, channels, calls, faults, files, application, tries }: DiscordState) {
  const app = new Hono<{ Bindings: HttpBindings }>();
  let commands: object[] = [];

  async function record(name: DiscordCallName, c: ApiContext): Promise<DiscordCall> {
    const text = await c.req.text();
    const body = (await withFiles(text, c.req.header("content-type"))) ?? {
      list: text.startsWith("[") ? JSON.parse(text) : undefined,
    };
    const { pathname: path } = new URL(c.req.url);
    const authorization = c.req.header("authorization");
    const at = performance.now();
    const call = { name, path, body, authorization, at, status: null, ended_at: null };
    calls.push(call);
    return call;
  }

  /** Answers one kind of call; `:target` of its path is the interaction's token, or the channel. */
  const on = (name: DiscordCallName, needs: "bot" | "nothing", answer: Answer) => async (c: ApiContext) => {
    const call = await record(name, c);
    const fault = await faults.next(name);
    const refused = needs === "bot" && call.authorization !== `Bot ${botToken}`;
    const result = refused
      ? apiError(401, 0, "401: Unauthorized")
      : await faultOr(fault, () => answer(c.req.param("target") ?? "", call.body));
    if (fault?.kind === "answer_lost") {
      c.env.outgoing.destroy();
      return RESPONSE_ALREADY_SENT;
    }
    call.status = result.status;
    call.ended_at = performance.now();
    const headers = fault?.kind === "rate_limited" ? { "retry-after": String(fault.retry_after) } : {};
    return Response.json(result.body, { status: result.status, headers });
  };

  const v10 = app.basePath("/api/v10");
  v10.patch(
    "/webhooks/:app/:target/messages/@original",
    on("edit_original", "nothing", (token, body) => channels.editOriginal(token, body)),
  );
  v10.post(
    "/webhooks/:app/:target",
    on("follow_up", "nothing", (token, body) => channels.followUp(token, body)),
  );
  v10.post(
    "/channels/:target/messages",
    on("channel_message", "bot", (id, body) => channels.post(id, body)),
  );
  v10.post(
    "/channels/:target/threads",
    on("thread", "bot", (id, { name }) => channels.startThread(id, name)),
  );
  const put: Answer = (_, { list }) => {
    // Discord gives each an id, and says its defaults.
    const given: object[] = Array.isArray(list) ? list : [];
    commands = given.map((command, index) => ({
      id: String(index),
      application_id: application.id,
      version: "1",
      default_member_permissions: null,
      nsfw: false,
      description: "",
      ...command,
    }));
    return { status: 200, body: commands };
  };
  const get: Answer = () => ({ status: 200, body: commands });
  for (const path of ["/applications/:target/commands", "/applications/:target/guilds/:guild/commands"]) {
    v10.put(path, on("put_commands", "bot", put)).get(path, on("get_commands", "bot", get));
  }
  v10.get(
    "/applications/@me",
    on("get_application", "bot", () => ({ status: 200, body: application })),
  );
  v10.patch(
    "/applications/@me",
    on("patch_application", "bot", async (_, { interactions_endpoint_url: url }) => {
      if (typeof url === "string" && !(await tries(url))) return apiError(400, 50035, "Invalid Form Body");
      application.interactions_endpoint_url = typeof url === "string" ? url : null;
      return { status: 200, body: application };
    }),
  );
  app.get("/attachments/:id/:name", async (c) => {
    const call = await record("download", c);
    const file = files[Number(c.req.param("id"))];
    call.status = file ? 200 : 404;
    return file ? c.body(file) : c.notFound();
  });
  app.all(
    "*",
    on("unknown", "nothing", () => apiError(404, 0, "404: Not Found")),
  );
  return app;
}

/** A body with what was uploaded beside it as `files`. */
async function withFiles(text: string, type: string | undefined) {
  if (!isForm(type)) return parseObject(text);
  const { payload_json, ...rest } = await formFields(text, type);
  return { ...(isObject(payload_json) && payload_json), files: Object.values(rest).filter(isSentFile) };
}

function faultOr(
  fault: DiscordFault | undefined,
  answer: () => ApiAnswer | Promise<ApiAnswer>,
): ApiAnswer | Promise<ApiAnswer> {
  switch (fault?.kind) {
    case "rate_limited":
      return {
        status: 429,
        body: { message: "You are being rate limited.", retry_after: fault.retry_after, global: false },
      };
    case "unknown_webhook":
      return apiError(404, 10015, "Unknown Webhook");
    case "token_expired":
      return apiError(401, 50027, "Invalid Webhook Token");
    case "unavailable":
      return apiError(fault.status, 0, "Service Unavailable");
    default:
      return answer();
  }
}
