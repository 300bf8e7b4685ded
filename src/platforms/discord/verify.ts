import { type Variables, variable } from "../../env.ts";
import { log } from "../../lib/log.ts";
import type { Verdict } from "../platform.ts";
import { TIMESTAMP_SKEW_MS } from "./limits.ts";

const encoder = new TextEncoder();
/** Imported keys by their hex; usually one. No promises: a Worker cannot await another request's. */
const keys = new Map<string, CryptoKey>();

/**
 * Proves that Discord sent a request: Ed25519 by the application's public key over timestamp and raw body
 * (https://discord.com/developers/docs/interactions/overview#setting-up-an-endpoint). Discord sends wrong
 * signatures now and then and takes the URL away from an application that accepts one.
 * What the headers alone disprove is refused before the body is read. A timestamp more than five minutes off
 * is refused as well: Discord asks for no window, but without one a recorded request stays valid for ever.
 */
export async function verify(request: Request, env: Variables, now: number): Promise<Verdict> {
  const signature = fromHex(request.headers.get("X-Signature-Ed25519"), 64);
  const timestamp = request.headers.get("X-Signature-Timestamp") ?? "";
  if (!signature || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp) * 1_000) > TIMESTAMP_SKEW_MS) return false;
  const key = await publicKey(variable(env, "DISCORD_PUBLIC_KEY"));
  if (!key) return false;

  return async function signedByDiscord(body) {
    const stamp = encoder.encode(timestamp);
    const signed = new Uint8Array(stamp.length + body.length);
    signed.set(stamp);
    signed.set(body, stamp.length);
    return crypto.subtle.verify("Ed25519", key, signature, signed);
  };
}

/** The imported key; null, and a line in the log, when it is no Ed25519 public key. */
async function publicKey(hex: string | undefined): Promise<CryptoKey | null> {
  const known = keys.get(hex ?? "");
  if (known) return known;
  const bytes = fromHex(hex, 32);
  if (hex && bytes) {
    try {
      const key = await crypto.subtle.importKey("raw", bytes, "Ed25519", false, ["verify"]);
      keys.set(hex, key);
      return key;
    } catch {
      // The log line below says so.
    }
  }
  log("error", "discord_public_key_unusable", {
    detail: "DISCORD_PUBLIC_KEY is not the application's public key: 64 hex digits",
  });
  return null;
}

/** The bytes of a hex string of exactly this many; null for anything else. */
function fromHex(hex: string | null | undefined, length: number): Uint8Array<ArrayBuffer> | null {
  if (hex?.length !== length * 2 || !/^[0-9a-f]+$/i.test(hex)) return null;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  return bytes;
}
