import { aiBinding } from "../inference/ai-binding.ts";
import { toMarkdown } from "../inference/to-markdown.ts";
import { fileType, textOf } from "../lib/file-type.ts";
import { log } from "../lib/log.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { Attachment } from "../message/files.ts";
import { label } from "../message/label.ts";
import { type Fetch, notFetched, type ReadTools } from "./fetch-file.ts";
import { MAX_DOCUMENT_BYTES, MAX_TEXT_BYTES } from "./limits.ts";

const NOT_READ = "I cannot read that file here. Send what it says as text.";

/** Files that Workers AI converts, by the ending of their name. */
const CONVERTED = /\.(pdf|docx|pptx|xls[xmb]?|od[ts]|numbers)$/i;

/** Media types that say text, whatever else they say. */
const TEXT_TYPE = /^text\/|json|xml|yaml|toml|script|sql/;

/**
 * A document as text; null for one that is no text and converted to none, of which the model is told the name. Fails
 * with the line that tells the user why it cannot be read.
 */
export async function readDocument(
  file: Attachment,
  fetch: Fetch,
  { env, signal }: ReadTools,
): Promise<Result<string | null, string>> {
  const extension = convertedAs(file);
  const says_text = extension === null && TEXT_TYPE.test(file.mime ?? "");
  if (extension !== null && !aiBinding(env).ok) return fail(NOT_READ);
  const fetched = await fetch(extension === null ? MAX_TEXT_BYTES : MAX_DOCUMENT_BYTES);
  if (!fetched.ok) {
    if (fetched.reason === "too_large" && extension === null && !says_text) return ok(null);
    return fail(notFetched("file", extension === null ? "100 KB of text" : "10 MB", fetched.reason));
  }
  const { bytes } = fetched;
  const type = fileType(bytes);
  const contained = type === "application/pdf" ? "pdf" : type?.startsWith("application/") ? extension : null;
  if (contained === null) {
    const text = bytes.length <= MAX_TEXT_BYTES ? textOf(bytes, says_text) : null;
    return text === null && extension !== null ? fail(NOT_READ) : ok(text);
  }
  if (!aiBinding(env).ok) return fail(NOT_READ);
  const converted = await toMarkdown(env, bytes, contained, signal);
  if (converted.ok) return converted;
  const { detail } = converted.error;
  if (!signal.aborted) log("warn", "not_converted", { extension: contained, bytes: bytes.length, detail });
  return fail(NOT_READ);
}

/** The ending by which a file is converted; null where it is not. A type says less: Windows calls a CSV Excel's. */
function convertedAs({ name = "", mime }: Attachment): string | null {
  const whole = mime === "application/pdf" && !name.includes(".") ? ".pdf" : name;
  return CONVERTED.exec(whole)?.[1]?.toLowerCase() ?? null;
}

/** A mark of the gateway's own, in a text from elsewhere. */
const MARK = /\[(?=\s*(?:end\s+of\s+)?(?:document|audio|voice\s+message|attached)\b)/gi;

/** A text from elsewhere between marks that it cannot itself contain: data, of which the model is asked something. */
export function marked(kind: "Document" | "Audio", name: string, text: string): string {
  return `[${kind} ${label(name)}]\n${unmarked(text)}\n[End of ${kind.toLowerCase()}]`;
}

export const unmarked = (text: string): string => text.replace(MARK, "\\[");

/**
 * A file that the model is only told of.
 * @example named({ kind: "document", ref: "…", name: "clip.mp4", mime: "video/mp4", bytes: 2_400_000 }, "…")
 * // "[Attached: video clip.mp4, 2.3 MB. …]"
 */
export function named({ kind, name, mime = "", bytes }: Attachment, note: string): string {
  const what =
    kind === "voice" ? "audio" : kind === "image" ? "picture" : mime.startsWith("video/") ? "video" : "file";
  const called = name === undefined ? what : `${what} ${label(name)}`;
  return `[Attached: ${[called, ...(bytes === undefined ? [] : [size(bytes)])].join(", ")}. ${note}]`;
}

function size(bytes: number): string {
  const kilobytes = bytes / 1_024;
  return kilobytes < 1_024 ? `${Math.ceil(kilobytes)} KB` : `${(kilobytes / 1_024).toFixed(1)} MB`;
}
