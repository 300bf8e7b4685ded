import { generateKeyPairSync, sign } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { app } from "../../src/http/app.ts";
import { systemClock } from "../../src/lib/time.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { SessionCore } from "../../src/sessions/core.ts";
import { Overheard } from "../../src/sessions/overheard.ts";
import {
  APPLICATION_ID,
  askAbout,
  askWith,
  BUTTON_INTERACTION,
  chatCommand,
  modelAutocomplete,
  PING_INTERACTION,
} from "../platforms/discord/fixtures.ts";
import { change, changed, damage, damaged } from "../support/mutate.ts";
import { envWith, routesWith, unscheduled } from "../support/setup.ts";
import { MemoryKv, memorySql } from "../support/sql.ts";

/** Bodies tried for each platform: a few in every run, 100,000 with `MUTATIONS=100000`. */
const RUNS = Number(process.env.MUTATIONS ?? 400);
const TIMEOUT_MS = 60_000 + 10 * RUNS;

const KEYS = generateKeyPairSync("ed25519");
const VARIABLES = {
  TELEGRAM_BOT_TOKEN: "7123456789:test-token-that-is-no-secret-000000",
  TELEGRAM_WEBHOOK_SECRET: "hook-secret_1",
  DISCORD_APPLICATION_ID: APPLICATION_ID,
  DISCORD_PUBLIC_KEY: Buffer.from(KEYS.publicKey.export({ format: "jwk" }).x ?? "", "base64url").toString(
    "hex",
  ),
  HUB_BASE_URL: "https://hub.test",
  HUB_AGENT_ID: "talaria",
  HUB_AGENT_SECRET: "hub-secret",
  HUB_WEBHOOK_TOKEN: "noise-filter",
};

const fixtures = (platform: string): unknown[] => {
  const folder = join(import.meta.dirname, `../platforms/${platform}/fixtures`);
  return readdirSync(folder).map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")));
};

interface Sender {
  readonly samples: readonly unknown[];
  readonly path: string;
  /** The headers with which the platform proves that a body is its own. */
  headers(body: Uint8Array): Record<string, string>;
  /** Takes the proof away, or spoils it. */
  forge(headers: Record<string, string>): {
    readonly path?: string;
    readonly headers: Record<string, string>;
  };
}

const SENDERS: { readonly [platform: string]: Sender } = {
  telegram: {
    samples: fixtures("telegram"),
    path: "/webhooks/telegram",
    headers: () => ({ "x-telegram-bot-api-secret-token": VARIABLES.TELEGRAM_WEBHOOK_SECRET }),
    forge: () => ({ headers: { "x-telegram-bot-api-secret-token": "hook-secret_2" } }),
  },
  discord: {
    samples: [
      PING_INTERACTION,
      BUTTON_INTERACTION,
      askAbout(),
      askWith({}),
      modelAutocomplete("guild", "f"),
      ...["ask", "model", "new", "retry", "thread"].map((name) =>
        chatCommand("guild", name, { prompt: "Hi", name: "fast" }),
      ),
    ],
    path: "/webhooks/discord",
    headers(body) {
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const signature = sign(null, Buffer.concat([Buffer.from(timestamp), body]), KEYS.privateKey);
      return { "x-signature-timestamp": timestamp, "x-signature-ed25519": signature.toString("hex") };
    },
    forge: (headers) => ({
      headers: { ...headers, "x-signature-timestamp": `${Number(headers["x-signature-timestamp"]) - 1}` },
    }),
  },
  hub: {
    samples: fixtures("hub"),
    path: `/webhooks/hub?token=${VARIABLES.HUB_WEBHOOK_TOKEN}`,
    headers: () => ({}),
    forge: () => ({ path: "/webhooks/hub?token=other", headers: {} }),
  },
};

/** What the gateway has touched: bindings, endpoints, its own end. */
let touched: string[];
let sessions: Map<string, SessionCore>;

beforeEach(() => {
  [touched, sessions] = [[], new Map()];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url) => {
    touched.push(`fetch ${String(url)}`);
    return Response.json({
      ok: true,
      result: { id: 7123456789, is_bot: true, first_name: "B", username: "talaria_bot", message_id: 1 },
    });
  });
});
afterEach(() => vi.restoreAllMocks());

/** A session as its object would have it, on a storage of its own. */
function sessionOf(name: string): SessionCore {
  const sql = memorySql();
  const core = new SessionCore({
    name,
    sql,
    hear: null,
    runs: null,
    scheduler: unscheduled,
    overheard: new Overheard(sql),
    alarm: { set: () => {}, clear: () => {} },
    lifetime: { keepAlive: () => {}, end: (why) => touched.push(`end ${why}`) },
    clock: systemClock,
    kv: new MemoryKv(),
    routes: routesWith({ access: { strangers: "answer", hub_peers: "answer", commands: {} } }),
    env: VARIABLES,
    enlist: async () => {},
    conversationOf: async () => [],
    settingsOf: async () => ({}),
    roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
  });
  sessions.set(name, core);
  return core;
}

const BINDINGS = {
  OVERRIDES: { get: async () => null, put: async () => touched.push("KV put"), delete: async () => {} },
  SESSIONS: {
    getByName: (name: string) => ({
      accept: async (message: InboundMessage) => {
        touched.push(`session ${name}`);
        return (sessions.get(name) ?? sessionOf(name)).accept(structuredClone(message));
      },
    }),
  },
  HUB_INBOX: { getByName: () => ({ hint: async () => touched.push("hint") }) },
};

async function post(
  path: string,
  headers: Record<string, string>,
  body: Uint8Array<ArrayBuffer>,
): Promise<number> {
  const work: Promise<unknown>[] = [];
  const context = {
    waitUntil: (each: Promise<unknown>) => work.push(each),
    passThroughOnException: () => {},
    props: {},
  };
  const request = new Request(`https://gateway.test${path}`, { method: "POST", headers, body });
  const { status } = await app.fetch(request, envWith(VARIABLES, BINDINGS), context);
  await Promise.all(work);
  return status;
}

/** Bodies after the platform's own, changed as JSON and, one in four, byte by byte as well. */
const bodiesOf = ({ samples }: Sender) =>
  fc
    .record({
      sample: fc.constantFrom(...samples),
      changes: fc.array(change, { maxLength: 4 }),
      damages: fc.oneof({ arbitrary: fc.constant([]), weight: 3 }, fc.array(damage, { maxLength: 3 })),
    })
    .map(({ sample, changes, damages }) => {
      const whole = new TextEncoder().encode(JSON.stringify(changed(sample, changes)) ?? "");
      return damaged(whole, damages);
    });

describe.each(Object.entries(SENDERS))("%s", (_platform, sender) => {
  test("a forged request is refused, whatever its body, and touches nothing", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const property = fc.asyncProperty(bodiesOf(sender), async (body) => {
      const { path = sender.path, headers } = sender.forge(sender.headers(body));
      expect(await post(path, headers, body)).toBe(401);
      expect(touched).toEqual([]);
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  test("a body that is not the platform's is refused at the most, and ends no session", {
    timeout: TIMEOUT_MS,
  }, async () => {
    const property = fc.asyncProperty(bodiesOf(sender), async (body) => {
      expect([200, 400]).toContain(await post(sender.path, sender.headers(body), body));
      expect(touched.filter((what) => what.startsWith("end"))).toEqual([]);
    });
    await fc.assert(property, { numRuns: RUNS });
  });
});
