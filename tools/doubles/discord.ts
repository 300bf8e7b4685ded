import { generateKeyPairSync, sign } from "node:crypto";
import { parseObject } from "../lib/json.ts";
import { serveApp } from "../lib/serve.ts";
import { waitFor } from "../lib/wait.ts";
import {
  type DiscordApplication,
  type DiscordCall,
  type DiscordCallName,
  type DiscordFault,
  discordApp,
} from "./discord-app.ts";
import { Channels, type DiscordMessage } from "./discord-channels.ts";
import { type DiscordFile, type Interaction, InteractionFactory } from "./discord-interactions.ts";
import { FaultPlan } from "./faults.ts";

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
  /** The application, as Discord keeps it. */
  readonly application: DiscordApplication;
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
const OWNER_ID = "1300000000000000042";
/** How many milliseconds Discord waits for an endpoint that it tries. */
const TRY_MS = 3_000;

/** Discord's REST API and its signed interactions, on 127.0.0.1. */
export async function startDiscord(): Promise<DiscordDouble> {
  const keys = generateKeyPairSync("ed25519");
  const botToken = `MTMwMDAwMDAw.${crypto.randomUUID().replaceAll("-", "")}`;
  const channels = new Channels();
  const calls: DiscordCall[] = [];
  const faults = new FaultPlan<DiscordFault>();
  const files: Uint8Array<ArrayBuffer>[] = [];
  const publicKey = Buffer.from(keys.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString(
    "hex",
  );
  const application: DiscordApplication = {
    id: APPLICATION_ID,
    name: "Talaria",
    verify_key: publicKey,
    owner: { id: OWNER_ID },
    interactions_endpoint_url: null,
  };
  const signed = (body: string, timestamp: string) =>
    sign(null, Buffer.from(timestamp + body), keys.privateKey).toString("hex");
  /** Posts a PING, signed or forged; the status, or null without an answer. */
  const ping = async (endpoint: string, tamper?: Tampering): Promise<number | null> => {
    const body = JSON.stringify({ type: 1, id: "1", application_id: APPLICATION_ID, token: "t", version: 1 });
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const headers = signatureHeaders(signed(body, timestamp), timestamp, tamper);
    const signal = AbortSignal.timeout(TRY_MS);
    const init = {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      signal,
    };
    return fetch(endpoint, init).then(
      ({ status }) => status,
      () => null,
    );
  };
  const tries = async (endpoint: string) =>
    (await ping(endpoint)) === 200 && (await ping(endpoint, "signature")) === 401;
  const state = { botToken, channels, calls, faults, files, application, tries };
  const server = await serveApp(discordApp(state));

  const messagesUnder = (interaction: Interaction) => channels.under(interaction.token);
  return {
    url: `${server.url}/api/v10`,
    env: {
      DISCORD_API_BASE: `${server.url}/api/v10`,
      DISCORD_APPLICATION_ID: APPLICATION_ID,
      DISCORD_PUBLIC_KEY: publicKey,
      DISCORD_BOT_TOKEN: botToken,
    },
    interactions: new InteractionFactory(APPLICATION_ID),
    calls,
    application,
    faults,
    async interact(gateway, interaction, { tamper, skewMs = 0 } = {}) {
      if (typeof interaction.token === "string" && typeof interaction.channel_id === "string") {
        channels.open(interaction.token, interaction.channel_id, interaction.context === 2);
      }
      const body = JSON.stringify(interaction);
      const timestamp = String(Math.floor((Date.now() + skewMs) / 1_000));
      const signature = signed(body, timestamp);
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
      const id = String(files.push(Uint8Array.from(bytes)) - 1);
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

function signatureHeaders(signature: string, timestamp: string, tamper: Tampering | undefined) {
  if (tamper === "unsigned") return {};
  const flipped = `${signature[0] === "0" ? "1" : "0"}${signature.slice(1)}`;
  return {
    "x-signature-ed25519": tamper === "signature" ? flipped : signature,
    "x-signature-timestamp": tamper === "timestamp" ? String(Number(timestamp) + 1) : timestamp,
  };
}
