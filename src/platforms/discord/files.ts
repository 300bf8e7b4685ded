import { type Variables, variable } from "../../env.ts";
import type { Attachment } from "../../message/files.ts";
import { download } from "../download.ts";
import type { Fetched } from "../platform.ts";
import { userAgent } from "./api.ts";
import type { File, TargetMessage } from "./schema.ts";

/** Where files that people send are: https://docs.discord.com/developers/reference#signed-attachment-cdn-urls */
const FILE_HOSTS = ["cdn.discordapp.com", "media.discordapp.net"];

/** A file of a command or a message. Discord's CDN serves it to whoever has its signed address, for a day. */
export function attachmentOf({ url, filename, size, content_type }: File): Attachment {
  const mime = content_type ?? undefined;
  return { kind: kindOf(mime ?? ""), ref: url, name: filename, mime, bytes: size };
}

/**
 * The files of a message that is asked about, and of what it forwards. Its pictures are asked about with it; for
 * any other that cannot be read the rest is still answered.
 */
export function filesOf(message: TargetMessage): Attachment[] {
  return partsOf(message)
    .flatMap(({ attachments }) => (attachments ?? []).map(attachmentOf))
    .map((file) => (file.kind === "image" ? file : { ...file, quoted: true }));
}

/** A message's own content, and that of each message forwarded in it. */
export function partsOf(message: TargetMessage) {
  return [message, ...(message.message_snapshots ?? []).map((snapshot) => snapshot.message)];
}

/** Downloads a file from Discord's own hosts, by https, or from the server that `DISCORD_API_BASE` names. */
export async function fetchAttachment(
  { ref }: Attachment,
  max_bytes: number,
  env: Variables,
  signal: AbortSignal,
): Promise<Fetched> {
  const url = URL.parse(ref);
  if (!url || !isDiscords(url, env)) return { ok: false, reason: "unreachable" };
  return download(url, max_bytes, signal, { "User-Agent": userAgent(env) });
}

/** Whoever sends an interaction writes the address, and an answer may be shown to whoever asked. */
function isDiscords(url: URL, env: Variables): boolean {
  const base = variable(env, "DISCORD_API_BASE");
  if (base !== undefined && url.origin === URL.parse(base)?.origin) return true;
  return url.protocol === "https:" && url.port === "" && FILE_HOSTS.includes(url.hostname);
}

function kindOf(mime: string): Attachment["kind"] {
  if (mime.startsWith("image/")) return "image";
  return mime.startsWith("audio/") ? "voice" : "document";
}
