import { generateKeyPairSync, sign } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { verify } from "../../../src/platforms/discord/verify.ts";
import { PING_INTERACTION } from "./fixtures.ts";
import { envWith } from "./setup.ts";

const discord = generateKeyPairSync("ed25519");
const somebody = generateKeyPairSync("ed25519");
const env = envWith({ DISCORD_PUBLIC_KEY: publicHex(discord.publicKey) });
const body = Uint8Array.from(Buffer.from(JSON.stringify(PING_INTERACTION)));
const NOW_S = Math.floor(Date.now() / 1_000);

function publicHex(key: typeof discord.publicKey): string {
  return key.export({ type: "spki", format: "der" }).subarray(-32).toString("hex");
}

interface Signed {
  readonly key?: typeof discord.privateKey;
  readonly timestamp?: string;
  readonly signature?: string;
  readonly without?: string;
}

function signed({ key = discord.privateKey, timestamp = String(NOW_S), signature, without }: Signed = {}) {
  const message = Buffer.concat([Buffer.from(timestamp), body]);
  const headers = new Headers({
    "X-Signature-Ed25519": signature ?? sign(null, message, key).toString("hex"),
    "X-Signature-Timestamp": timestamp,
  });
  if (without) headers.delete(without);
  return new Request("https://talaria.example/webhooks/discord", { method: "POST", headers });
}

async function accepts(request: Request, bytes = body): Promise<boolean> {
  const verdict = await verify(request, env, Date.now());
  return typeof verdict === "function" ? verdict(bytes) : verdict;
}

afterEach(() => vi.restoreAllMocks());

describe("what Discord signed", () => {
  test("is accepted, again and again", async () => {
    expect(await accepts(signed())).toBe(true);
    expect(await accepts(signed())).toBe(true);
  });

  test("is accepted with a signature in capital letters", async () => {
    const signature = signed().headers.get("X-Signature-Ed25519")?.toUpperCase() ?? "";
    expect(await accepts(signed({ signature }))).toBe(true);
  });
});

describe("a probe with a wrong signature is refused", () => {
  test("one flipped bit in the signature", async () => {
    const good = signed().headers.get("X-Signature-Ed25519") ?? "";
    const flipped = Buffer.from(good, "hex");
    flipped[10] = (flipped[10] ?? 0) ^ 1;
    expect(await accepts(signed({ signature: flipped.toString("hex") }))).toBe(false);
  });

  test("one flipped bit in the body", async () => {
    const changed = new Uint8Array(body);
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(await accepts(signed(), changed)).toBe(false);
  });

  test("another key", async () => {
    expect(await accepts(signed({ key: somebody.privateKey }))).toBe(false);
  });

  test("a signature for another timestamp", async () => {
    const signature = signed().headers.get("X-Signature-Ed25519") ?? "";
    expect(await accepts(signed({ signature, timestamp: String(NOW_S - 1) }))).toBe(false);
  });
});

describe("what the headers alone disprove is refused before the body is read", () => {
  test.each<[string, Signed]>([
    ["no signature", { without: "X-Signature-Ed25519" }],
    ["no timestamp", { without: "X-Signature-Timestamp" }],
    ["a signature that is not hex", { signature: "z".repeat(128) }],
    ["a signature that is too short", { signature: "ab" }],
    ["a timestamp that is no number", { timestamp: "yesterday" }],
    ["a timestamp with more than digits", { timestamp: `${NOW_S}.5` }],
    ["a timestamp six minutes old", { timestamp: String(NOW_S - 360) }],
    ["a timestamp six minutes ahead", { timestamp: String(NOW_S + 360) }],
  ])("%s", async (_, how) => {
    expect(await verify(signed(how), env, Date.now())).toBe(false);
  });
});

test.each(["", "no-hex", "00", "ff".repeat(33)])(
  "an unusable public key %j refuses and is logged",
  async (key) => {
    const line = vi.spyOn(console, "error").mockImplementation(() => {});
    expect(await verify(signed(), envWith({ DISCORD_PUBLIC_KEY: key }), Date.now())).toBe(false);
    expect(line.mock.calls.flat().join()).toContain("DISCORD_PUBLIC_KEY");
  },
);
