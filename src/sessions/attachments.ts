import type { Variables } from "../env.ts";
import type { Image } from "../inference/types.ts";
import { fail, ok, type Result } from "../lib/result.ts";
import type { InboundMessage } from "../message/message.ts";
import { MAX_IMAGE_BYTES } from "../platforms/download.ts";
import type { Delivery, Fetched } from "../platforms/platform.ts";
import { providerFacts } from "../routing/providers.ts";
import type { Bundle } from "../routing/types.ts";

/**
 * What the pictures of one message may come to. A request holds them several times over (as bytes, base64 and
 * JSON), and an isolate of 128 MB serves other sessions too.
 */
const MAX_MESSAGE_IMAGE_BYTES = 8 * 1024 * 1024;

const LINES = {
  not_text: "I can read text and look at pictures, nothing else yet.",
  blind: "This chat's model cannot look at pictures. Send text, or choose another model with /model.",
  too_large: "That picture is too large for me: 5 MB at most.",
  too_many: "Those pictures are too much at once for me: 8 MB together at most.",
  gone: "That picture is no longer there. Please send it again.",
  unreachable: "I could not fetch that picture. Please try again in a minute.",
  not_an_image: "I cannot look at this kind of picture: JPEG, PNG, WebP or GIF, please.",
} as const satisfies Record<
  Extract<Fetched, { ok: false }>["reason"] | "not_text" | "blind" | "too_many",
  string
>;

/** When the endpoint refused a request with a picture in it. */
export const PICTURE_REFUSED_LINE =
  "The model did not accept this with its picture. Send text, or choose another model with /model.";

/** Whether this bundle's model is shown pictures: as its route says, else as its provider's models are. */
export function takesImages({ images, provider }: Bundle): boolean {
  return images ?? providerFacts(provider).images;
}

/** The pictures of a message as a model takes them, or the line that tells the user why it cannot. */
export async function seeImages(
  { attachments = [] }: InboundMessage,
  bundle: Bundle,
  delivery: Delivery,
  env: Variables,
  signal: AbortSignal,
): Promise<Result<readonly Image[], string>> {
  if (attachments.length === 0) return ok([]);
  const fetchAttachment = delivery.fetchAttachment;
  if (!fetchAttachment || attachments.some(({ kind }) => kind !== "image")) return fail(LINES.not_text);
  if (!takesImages(bundle)) return attachments.every(({ quoted }) => quoted) ? ok([]) : fail(LINES.blind);
  const images: Image[] = [];
  let bytes = 0;
  for (const attachment of attachments) {
    if ((attachment.bytes ?? 0) > MAX_IMAGE_BYTES) return fail(LINES.too_large);
    const file = await fetchAttachment(attachment, MAX_IMAGE_BYTES, env, signal);
    if (!file.ok && attachment.quoted) continue;
    if (!file.ok) return fail(LINES[file.reason]);
    bytes += file.bytes.length;
    if (bytes > MAX_MESSAGE_IMAGE_BYTES) return fail(LINES.too_many);
    images.push({ mime: file.mime, base64: base64(file.bytes) });
  }
  return ok(images);
}

function base64(bytes: Uint8Array): string {
  // In pieces: the arguments of one call are limited.
  let binary = "";
  for (let i = 0; i < bytes.length; i += 32_768) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 32_768));
  }
  return btoa(binary);
}
