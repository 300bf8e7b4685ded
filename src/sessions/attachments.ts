import type { Image } from "../inference/types.ts";
import { base64 } from "../lib/base64.ts";
import { fileType } from "../lib/file-type.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import { within } from "../lib/time.ts";
import type { Attachment } from "../message/files.ts";
import type { InboundMessage } from "../message/message.ts";
import type { Delivery } from "../platforms/platform.ts";
import { providerFacts } from "../routing/providers.ts";
import type { Bundle } from "../routing/types.ts";
import { marked, named, readDocument, unmarked } from "./documents.ts";
import { type Fetch, notFetched, type ReadTools } from "./fetch-file.ts";
import { estimateTokens } from "./history.ts";
import {
  MAX_ATTACHMENTS,
  MAX_IMAGE_BYTES,
  MAX_MESSAGE_IMAGE_BYTES,
  MAX_MESSAGE_TEXT_CHARS,
  MAX_TEXT_CHARS,
  READ_ATTACHMENTS_MS,
} from "./limits.ts";

const LINES = {
  blind: "This chat's model cannot look at pictures. Send text, or choose another model with /model.",
  too_many: "Those pictures are too much at once for me: 8 MB together at most.",
  not_an_image: "I cannot look at this kind of picture: JPEG, PNG, WebP or GIF, please.",
  deaf: "I cannot listen to voice messages here. Please write it instead.",
} as const;

/** When the endpoint refused a request with a picture in it. */
export const PICTURE_REFUSED_LINE =
  "The model did not accept this with its picture. Send text, or choose another model with /model.";

const NOT_SHOWN = "Its content is not shown.";
const NOT_READ = "It could not be read.";
const REST_LEFT_OUT = "[The rest is left out.]";

/** Whether this bundle's model is shown pictures: as its route says, else as its provider's models are. */
export function takesImages({ images, provider }: Bundle): boolean {
  return images ?? providerFacts(provider).images;
}

/** What a message carries, as a model takes it. */
export interface Seen {
  readonly images: readonly Image[];
  /** Documents, transcripts and names, each between its marks; before the message's own text. */
  readonly text: string;
}

/**
 * What a message carries as a model takes it, or the line that tells the user why it cannot be read. Bounded in
 * number, size and time; what belongs to a message that is replied to costs no answer.
 */
export async function readAttachments(
  { attachments = [], text }: Pick<InboundMessage, "attachments" | "text">,
  bundle: Bundle,
  delivery: Delivery,
  tools: ReadTools,
): Promise<Result<Seen, string>> {
  if (attachments.length === 0) return ok({ images: [], text: "" });
  const read = (signal: AbortSignal) => readAll(attachments, bundle, delivery, { ...tools, signal });
  const seen = await within(READ_ATTACHMENTS_MS, read, tools.signal);
  if (!seen.ok || seen.value.text === "" || text === "") return seen;
  return ok({ ...seen.value, text: `${seen.value.text}\n\n` });
}

async function readAll(
  attachments: readonly Attachment[],
  bundle: Bundle,
  { fetchAttachment }: Delivery,
  tools: ReadTools,
): Promise<Result<Seen, string>> {
  const images: Image[] = [];
  const texts: string[] = [];
  let imageBytes = 0;
  let room = MAX_MESSAGE_TEXT_CHARS;
  for (const [index, file] of attachments.entries()) {
    if (index >= MAX_ATTACHMENTS || !fetchAttachment) {
      texts.push(named(file, NOT_SHOWN));
      continue;
    }
    const fetch: Fetch = async (max_bytes) =>
      (file.bytes ?? 0) > max_bytes
        ? { ok: false, reason: "too_large" }
        : fetchAttachment(file, max_bytes, tools.env, tools.signal);
    if (file.kind === "image") {
      const seen = await see(fetch, bundle);
      if (seen.ok) {
        imageBytes += seen.value.bytes;
        if (imageBytes > MAX_MESSAGE_IMAGE_BYTES) return fail(LINES.too_many);
        images.push(seen.value.image);
      } else if (!file.quoted) return seen;
      continue;
    }
    const read = await (file.kind === "voice" ? listen : readDocument)(file, fetch, tools);
    if (!read.ok && !file.quoted) return read;
    const said = saidOf(file, read, Math.min(room, MAX_TEXT_CHARS));
    room -= said.length;
    texts.push(said);
  }
  return ok({ images, text: texts.join("\n\n") });
}

async function see(
  fetch: Fetch,
  bundle: Bundle,
): Promise<Result<{ readonly image: Image; readonly bytes: number }, string>> {
  if (!takesImages(bundle)) return fail(LINES.blind);
  const fetched = await fetch(MAX_IMAGE_BYTES);
  if (!fetched.ok) return fail(notFetched("picture", "5 MB", fetched.reason));
  const { bytes } = fetched;
  const mime = fileType(bytes);
  if (!mime?.startsWith("image/")) return fail(LINES.not_an_image);
  return ok({ image: { mime, base64: base64(bytes) }, bytes: bytes.length });
}

/** What is said in a recording; null for a sound file that nobody listens to. */
async function listen(
  { name }: Attachment,
  fetch: Fetch,
  tools: ReadTools,
): Promise<Result<string | null, string>> {
  const { transcription } = tools.routes;
  if (transcription && tools.hear) return tools.hear(transcription, fetch, tools);
  return name === undefined ? fail(LINES.deaf) : ok(null);
}

/** A voice message in its speaker's words; any other file as one of what it holds, which nobody here has said. */
function saidOf(file: Attachment, read: Result<string | null, string>, most: number): string {
  if (!read.ok || read.value === null) return named(file, read.ok ? NOT_SHOWN : NOT_READ);
  const words = cut(read.value, most);
  const { kind, name } = file;
  if (kind === "voice" && name === undefined) return `[Voice message] ${unmarked(words)}`;
  return marked(kind === "voice" ? "Audio" : "Document", name ?? "without a name", words);
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, Math.max(0, most)).toWellFormed()}\n${REST_LEFT_OUT}`;
}

/**
 * What later turns see of what a message carried: at most half of what they may send, so that one long document
 * does not push the conversation out.
 */
export function keptOf({ text }: Seen, history_tokens: number): string {
  const share = history_tokens / 2 / estimateTokens(text);
  if (text === "" || share >= 1) return text;
  const end = /\n\[End of \w+\]\s*$/.exec(text)?.[0] ?? "\n\n";
  return cut(text, Math.floor(text.length * share)) + end;
}
