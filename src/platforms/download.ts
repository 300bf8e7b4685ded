import { log } from "../lib/log.ts";
import { type Exchange, exchange } from "../lib/request.ts";
import type { Fetched } from "./platform.ts";

/** For the whole download: enough for 10 MB over a slow line. */
const DOWNLOAD_TIMEOUT_MS = 30_000;

type Failure = Extract<Fetched, { ok: false }>["reason"];

/**
 * Downloads a file, at most `max_bytes` of it, until `signal` aborts. No redirect is followed: an address may hold
 * a token. Never throws; why there is no file is logged without the address.
 */
export async function download(
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
    log("warn", "file_not_fetched", { host: url.host, reason: file.reason, status });
  }
  return file;
}

function fileOf(answer: Exchange): Fetched {
  if (answer.kind !== "answered") return { ok: false, reason: "unreachable" };
  if (answer.status !== 200) return { ok: false, reason: missing(answer.status) };
  const { bytes, end } = answer.body;
  if (end !== "whole") return { ok: false, reason: end === "limit" ? "too_large" : "unreachable" };
  return { ok: true, bytes };
}

/** What a status other than 200 means: the link has expired or is wrong (`gone`), or the host is in trouble. */
function missing(status: number): Failure {
  return status >= 400 && status < 500 && status !== 408 && status !== 429 ? "gone" : "unreachable";
}
