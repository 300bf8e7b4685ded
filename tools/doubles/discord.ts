import { generateKeyPairSync, sign } from "node:crypto";
import { parseObject } from "../lib/json.ts";
import { readText, sendJson, serve } from "../lib/serve.ts";
import { waitFor } from "../lib/wait.ts";
import { type ApiAnswer, apiError, Channels, type DiscordMessage } from "./discord-channels.ts";
import { type DiscordCallName, recognise } from "./discord-endpoints.ts";
import { type DiscordFile, type Interaction, InteractionFactory } from "./discord-interactions.ts";
import { FaultPlan } from "./faults.ts";

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
  /** HTTP status of the answer; null while there is none. */
  status: number | null;
}

/** How an interaction is spoilt on its way. */
export type Tampering = "signature" | "body" | "timestamp" | "unsigned";

/** What the gateway's interactions endpoint answered. */
export interface Interacted {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly contentType: string | null;
  readonly ms: number;
}

export interface DiscordDouble {
  /** For `DISCORD_API_BASE`. */
  readonly url: string;
  /** All the gateway needs to speak with this double. */
  readonly env: { readonly [name: string]: string };
  readonly interactions: InteractionFactory;
  readonly calls: readonly DiscordCall[];
  readonly faults: FaultPlan<DiscordFault>;
  /** Signs an interaction and posts it, as Discord does. `skewMs` dates the signature. */
  interact(
    gateway: string,
    interaction: Interaction | Record<string, unknown>,
    options?: { readonly tamper?: Tampering; readonly skewMs?: number },
  ): Promise<Interacted>;
  /** Puts a file where whoever has its address can download it, as on Discord's CDN. */
  upload(filename: string, content_type: string, bytes: Uint8Array): DiscordFile;
  /** From now on the interaction's token is refused. */
  expire(interaction: Interaction): void;
  /** What the user sees under an interaction, in order. */
  messagesUnder(interaction: Interaction): DiscordMessage[];
  messagesIn(channelId: string): DiscordMessage[];
  /** Waits until so many messages stand under an interaction, and returns them. */
  waitForMessages(interaction: Interaction, count: number, timeoutMs?: number): Promise<DiscordMessage[]>;
  callsOf(name: DiscordCallName): DiscordCall[];
  stop(): Promise<void>;
}

const APPLICATION_ID = "1300000000000000001";

/** Discord's REST API and its signed interactions, on 127.0.0.1. */
export async function startDiscord(): Promise<DiscordDouble> {
  const keys = generateKeyPairSync("ed25519");
  const botToken = `MTMwMDAwMDAw.${crypto.randomUUID().replaceAll("-", "")}`;
  const channels = new Channels();
  const calls: DiscordCall[] = [];
  const faults = new FaultPlan<DiscordFault>();
  const files: Uint8Array[] = [];
  let commands: unknown = [];

  const answer = (name: DiscordCallName, target: string, body: Record<string, unknown>): ApiAnswer => {
    switch (name) {
      case "edit_original":
        return channels.editOriginal(target, body);
      case "follow_up":
        return channels.followUp(target, body);
      case "channel_message":
        return channels.post(target, body);
      case "put_commands":
        commands = body.list;
        return { status: 200, body: commands };
      case "get_commands":
        return { status: 200, body: commands };
      case "download":
      case "unknown":
        return apiError(404, 0, "404: Not Found");
    }
  };

  const server = await serve(async (request, response) => {
    const path = (request.url ?? "").split("?")[0] ?? "";
    const { name, target, needsBot } = recognise(request.method ?? "", path);
    const text = await readText(request);
    const body = parseObject(text) ?? { list: parseList(text) };
    const { authorization } = request.headers;
    const call: DiscordCall = { name, path, body, authorization, status: null };
    calls.push(call);
    const file = name === "download" ? files[Number(target)] : undefined;
    if (file) {
      call.status = 200;
      response.end(file);
      return;
    }
    const fault = await faults.next(name);
    const refused = needsBot && authorization !== `Bot ${botToken}`;
    const result = refused
      ? apiError(401, 0, "401: Unauthorized")
      : faultOr(fault, () => answer(name, target, body));
    if (fault?.kind === "answer_lost") {
      response.destroy();
      return;
    }
    call.status = result.status;
    const wait = fault?.kind === "rate_limited" ? { "retry-after": String(fault.retry_after) } : {};
    sendJson(response, result.status, result.body, wait);
  });

  const messagesUnder = (interaction: Interaction) => channels.under(interaction.token);
  return {
    url: `${server.url}/api/v10`,
    env: {
      DISCORD_API_BASE: `${server.url}/api/v10`,
      DISCORD_APPLICATION_ID: APPLICATION_ID,
      DISCORD_PUBLIC_KEY: Buffer.from(keys.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString(
        "hex",
      ),
      DISCORD_BOT_TOKEN: botToken,
    },
    interactions: new InteractionFactory(APPLICATION_ID),
    calls,
    faults,
    async interact(gateway, interaction, { tamper, skewMs = 0 } = {}) {
      if (typeof interaction.token === "string" && typeof interaction.channel_id === "string") {
        channels.open(interaction.token, interaction.channel_id, interaction.context === 2);
      }
      const body = JSON.stringify(interaction);
      const timestamp = String(Math.floor((Date.now() + skewMs) / 1_000));
      const signature = sign(null, Buffer.from(timestamp + body), keys.privateKey).toString("hex");
      const started = performance.now();
      const response = await fetch(`${gateway}/webhooks/discord`, {
        method: "POST",
        headers: { "content-type": "application/json", ...signatureHeaders(signature, timestamp, tamper) },
        body: tamper === "body" ? body.replace('"version":1', '"version":2') : body,
      });
      const answered = parseObject(await response.text()) ?? {};
      if (response.ok && typeof interaction.token === "string") channels.answer(interaction.token, answered);
      return {
        status: response.status,
        body: answered,
        contentType: response.headers.get("content-type"),
        ms: performance.now() - started,
      };
    },
    upload(filename, content_type, bytes) {
      const id = String(files.push(bytes) - 1);
      const url = `${server.url}/attachments/${id}/${filename}?ex=6a&is=6b&hm=7c`;
      return { id, filename, url, size: bytes.length, content_type };
    },
    expire: ({ token }) => channels.expire(token),
    messagesUnder,
    messagesIn: (channelId) => channels.inChannel(channelId),
    waitForMessages: (interaction, count, timeoutMs) =>
      waitFor(
        `${count} messages under the interaction`,
        () => {
          const found = messagesUnder(interaction);
          return found.length >= count && found;
        },
        timeoutMs,
      ),
    callsOf: (name) => calls.filter((call) => call.name === name),
    stop: () => server.close(),
  };
}

function faultOr(fault: DiscordFault | undefined, answer: () => ApiAnswer): ApiAnswer {
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

function signatureHeaders(signature: string, timestamp: string, tamper: Tampering | undefined) {
  if (tamper === "unsigned") return {};
  const flipped = `${signature[0] === "0" ? "1" : "0"}${signature.slice(1)}`;
  return {
    "x-signature-ed25519": tamper === "signature" ? flipped : signature,
    "x-signature-timestamp": tamper === "timestamp" ? String(Number(timestamp) + 1) : timestamp,
  };
}

function parseList(text: string): unknown {
  return text.startsWith("[") ? JSON.parse(text) : undefined;
}
