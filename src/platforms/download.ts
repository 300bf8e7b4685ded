import { log } from "../lib/log.ts";
import { type Exchange, exchange } from "../lib/request.ts";
import type { Fetched } from "./platform.ts";

/** The largest picture that is fetched, before base64. Endpoints that take less refuse it themselves. */
export const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
/** For the whole download: enough for 5 MB over a slow line. */
const DOWNLOAD_TIMEOUT_MS = 30_000;

type Failure = Extract<Fetched, { ok: false }>["reason"];

/**
 * Downloads a picture, at most `max_bytes` of it, until `signal` aborts. Its type is read from its first bytes,
 * whatever the sender or a header calls it. Never throws; why there is no picture is logged without the address.
 */
export async function downloadImage(
  url: URL,
  max_bytes: number,
  signal: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Fetched> {
  const limits = { timeout_ms: DOWNLOAD_TIMEOUT_MS, max_bytes, signal };
  const answer = await exchange(url, { headers }, limits);
  const file = fileOf(answer);
  if (!file.ok && !signal.aborted) {
    const status = answer.kind === "answered" ? answer.status : undefined;
    log("warn", "picture_not_fetched", { host: url.host, reason: file.reason, status });
  }
  return file;
}

function fileOf(answer: Exchange): Fetched {
  if (answer.kind !== "answered") return { ok: false, reason: "unreachable" };
  if (answer.status !== 200) return { ok: false, reason: missing(answer.status) };
  const { bytes, end } = answer.body;
  if (end !== "whole") return { ok: false, reason: end === "limit" ? "too_large" : "unreachable" };
  const mime = imageType(bytes);
  return mime === null ? { ok: false, reason: "not_an_image" } : { ok: true, bytes, mime };
}

/** What a status other than 200 means: the link has expired or is wrong (`gone`), or the host is in trouble. */
function missing(status: number): Failure {
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "gone" : "unreachable";
}

/** The media type of a picture that models take, by its signature; null for anything else. */
function imageType(bytes: Uint8Array): string | null {
  const head = String.fromCharCode(...bytes.subarray(0, 12));
  if (head.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (head.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (/^GIF8[79]a/.test(head)) return "image/gif";
  if (/^RIFF[\s\S]{4}WEBP/.test(head)) return "image/webp";
  return null;
}
