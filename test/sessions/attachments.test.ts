import { expect, test } from "vitest";
import type { Attachment } from "../../src/message/files.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { MAX_IMAGE_BYTES } from "../../src/platforms/download.ts";
import type { Delivery, Fetched } from "../../src/platforms/platform.ts";
import type { Bundle } from "../../src/routing/types.ts";
import { seeImages } from "../../src/sessions/attachments.ts";

const SEES: Bundle = {
  model: "vision",
  provider: "custom",
  base_url: "https://llm.example/v1",
  api_key: null,
  api_mode: "chat_completions",
};
const BLIND: Bundle = { ...SEES, images: false };
const PHOTO: Attachment = { kind: "image", ref: "photo" };
const { signal } = new AbortController();

/** Fetches every attachment as `file`, and counts. */
function platform(file: Fetched) {
  const fetched: string[] = [];
  const delivery: Delivery = {
    split: (text) => [text],
    send: async () => ({ kind: "sent", message_id: null }),
    fetchAttachment: async ({ ref }) => {
      fetched.push(ref);
      return file;
    },
  };
  return { delivery, fetched };
}

const see = (attachments: readonly Attachment[], bundle: Bundle, delivery: Delivery) => {
  const message = { text: "what is this?", attachments } as unknown as InboundMessage;
  return seeImages(message, bundle, delivery, {}, signal);
};

const jpeg = platform({ ok: true, bytes: new TextEncoder().encode("jpeg bytes"), mime: "image/jpeg" });

test("a picture reaches a model that takes pictures", async () => {
  expect(await see([PHOTO], SEES, jpeg.delivery)).toEqual({
    ok: true,
    value: [{ mime: "image/jpeg", base64: btoa("jpeg bytes") }],
  });
});

test("a large picture is encoded whole", async () => {
  const bytes = new Uint8Array(100_001).map((_, i) => i % 251);
  const { delivery } = platform({ ok: true, bytes, mime: "image/png" });
  const seen = await see([PHOTO], SEES, delivery);
  expect(seen.ok && seen.value[0]?.base64).toBe(Buffer.from(bytes).toString("base64"));
});

test("a model that takes none: one clear line, and nothing is fetched", async () => {
  const { delivery, fetched } = platform({ ok: false, reason: "gone" });
  expect(await see([PHOTO], BLIND, delivery)).toMatchObject({
    ok: false,
    error: expect.stringContaining("/model"),
  });
  expect(await see([PHOTO], { ...SEES, provider: "echo" }, delivery)).toMatchObject({ ok: false });
  expect(fetched).toEqual([]);
});

test("a text that replies to a picture is still a text to a model that takes none", async () => {
  expect(await see([{ ...PHOTO, quoted: true }], BLIND, jpeg.delivery)).toEqual({ ok: true, value: [] });
});

test("a picture that is replied to and gone does not cost the answer to the text", async () => {
  const { delivery } = platform({ ok: false, reason: "gone" });
  expect(await see([{ ...PHOTO, quoted: true }], SEES, delivery)).toEqual({ ok: true, value: [] });
});

test("what is too large, by its own account, is not fetched", async () => {
  const { delivery, fetched } = platform({ ok: false, reason: "gone" });
  const seen = await see([{ ...PHOTO, bytes: MAX_IMAGE_BYTES + 1 }], SEES, delivery);
  expect(seen).toMatchObject({ ok: false, error: expect.stringContaining("5 MB") });
  expect(fetched).toEqual([]);
});

test("pictures that come to too much together are told so", async () => {
  const { delivery, fetched } = platform({
    ok: true,
    bytes: new Uint8Array(MAX_IMAGE_BYTES),
    mime: "image/png",
  });
  const seen = await see([PHOTO, PHOTO, PHOTO], SEES, delivery);
  expect(seen).toMatchObject({ ok: false, error: expect.stringContaining("8 MB together") });
  expect(fetched).toHaveLength(2);
});

test.each([
  ["too_large", "5 MB"],
  ["gone", "send it again"],
  ["unreachable", "try again"],
  ["not_an_image", "JPEG"],
] as const)("%s is told in one line", async (reason, line) => {
  const seen = await see([PHOTO], SEES, platform({ ok: false, reason }).delivery);
  expect(seen).toMatchObject({ ok: false, error: expect.stringContaining(line) });
});

test("a voice message, and any file where the platform fetches none, is told in one line", async () => {
  expect(await see([{ kind: "voice", ref: "v" }], SEES, jpeg.delivery)).toMatchObject({ ok: false });
  const { fetchAttachment: _, ...without } = jpeg.delivery;
  expect(await see([PHOTO], SEES, without)).toMatchObject({
    ok: false,
    error: expect.stringContaining("text"),
  });
});
