import type { Variables } from "../../env.ts";
import type { Attachment } from "../../message/files.ts";
import { downloadImage } from "../download.ts";
import type { Fetched } from "../platform.ts";
import { apiBase, USER_AGENT } from "./api.ts";
import type { File, TargetMessage } from "./schema.ts";

/** A file of a command or a message. Discord's CDN serves it to whoever has its signed address, for a day. */
export function attachmentOf({ url, size, content_type }: File): Attachment {
  return { kind: kindOf(content_type ?? ""), ref: url, mime: content_type ?? undefined, bytes: size };
}

/** The pictures of a message, and of what it forwards. */
export function picturesOf(message: TargetMessage): Attachment[] {
  return partsOf(message)
    .flatMap(({ attachments }) => (attachments ?? []).map(attachmentOf))
    .filter(({ kind }) => kind === "image");
}

/** A message's own content, and that of each message forwarded in it. */
export function partsOf(message: TargetMessage) {
  return [message, ...(message.message_snapshots ?? []).map((snapshot) => snapshot.message)];
}

/** Downloads a picture from Discord's CDN: by https only, except from the server that `DISCORD_API_BASE` names. */
export async function fetchAttachment(
  { ref }: Attachment,
  max_bytes: number,
  env: Variables,
  signal: AbortSignal,
): Promise<Fetched> {
  const url = URL.parse(ref);
  if (!url || (url.protocol !== "https:" && url.origin !== URL.parse(apiBase(env))?.origin)) {
    return { ok: false, reason: "unreachable" };
  }
  return downloadImage(url, max_bytes, signal, { "User-Agent": USER_AGENT });
}

function kindOf(mime: string): Attachment["kind"] {
  if (mime.startsWith("image/")) return "image";
  return mime.startsWith("audio/") ? "voice" : "document";
}
