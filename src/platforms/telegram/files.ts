import type { Variables } from "../../env.ts";
import { log } from "../../lib/log.ts";
import type { Attachment } from "../../message/files.ts";
import { download } from "../download.ts";
import type { Fetched } from "../platform.ts";
import { addressOf, callApi } from "./api.ts";
import { GET_FILE_TIMEOUT_MS, MAX_PHOTO_BYTES } from "./limits.ts";
import { FilePath, type Files } from "./schema.ts";

/**
 * The file of a message; null if it has none. It has one at most: each picture of an album is a message of its
 * own. A sticker does not count as a file. A picture may also come as a document.
 */
export function fileOf({ photo, document, voice, audio, video, video_note }: Files): Attachment | null {
  const size = photo && bestSize(photo);
  if (size) return attachment("image", size);
  if (document) {
    return attachment(document.mime_type?.startsWith("image/") ? "image" : "document", document);
  }
  if (voice) return attachment("voice", voice);
  // A piece of music, or a recording that somebody sends on: a file with a name, and not what is said to the bot.
  if (audio) return attachment("voice", { ...audio, file_name: audio.file_name ?? audio.title ?? "audio" });
  const film = video ?? video_note;
  return film ? attachment("document", { mime_type: "video/mp4", ...film }) : null;
}

/** The picture of a message that is replied to; null if it has none. */
export function quotedPicture(message: Files | undefined): Attachment | null {
  const file = message ? fileOf(message) : null;
  return file?.kind === "image" ? { ...file, quoted: true } : null;
}

/** Asks Telegram where the file is, and downloads it. */
export async function fetchAttachment(
  { ref }: Attachment,
  max_bytes: number,
  env: Variables,
  signal: AbortSignal,
): Promise<Fetched> {
  const found = await callApi(env, "getFile", { file_id: ref }, FilePath, GET_FILE_TIMEOUT_MS, signal);
  if (!found.ok) {
    const { reason, detail } = found.error;
    if (!signal.aborted) log("warn", "telegram_get_file_failed", { reason, detail });
    if (reason === "too_big") return { ok: false, reason: "too_large" };
    return { ok: false, reason: reason === "refused" ? "gone" : "unreachable" };
  }
  const { file_path, file_size = 0 } = found.value;
  if (file_size > max_bytes) return { ok: false, reason: "too_large" };
  if (file_path === undefined || !isPath(file_path)) return { ok: false, reason: "gone" };
  return download(new URL(addressOf(env, "file", file_path)), max_bytes, signal);
}

/**
 * Whether what follows the token in an address is a path below it: with `..`, `?` or `#`, or what a URL turns into
 * them, a download would be a method call.
 */
const isPath = (text: string): boolean => /^(?!.*\.\.)[\w./-]+$/.test(text);

type File = NonNullable<Files["document"]>;
type PhotoSize = NonNullable<Files["photo"]>[number];

function attachment(
  kind: Attachment["kind"],
  { file_id, file_name, mime_type, file_size }: File,
): Attachment {
  return { kind, ref: file_id, name: file_name, mime: mime_type, bytes: file_size };
}

/** The largest of the sizes of a photo that a model can be shown; if there is none, the smallest. */
function bestSize(sizes: readonly PhotoSize[]): PhotoSize | undefined {
  const ascending = [...sizes].sort((a, b) => a.width * a.height - b.width * b.height);
  return ascending.findLast(({ file_size = 0 }) => file_size <= MAX_PHOTO_BYTES) ?? ascending[0];
}
