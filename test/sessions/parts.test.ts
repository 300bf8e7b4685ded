import { describe, expect, test } from "vitest";
import type { InboundMessage, Part } from "../../src/message/message.ts";
import { goesOn, join, waitFor } from "../../src/sessions/parts.ts";

const SENT = 1_795_000_000_000;

function message(text: string, part: Partial<Part> = {}, more: Partial<InboundMessage> = {}): InboundMessage {
  return {
    delivery_id: `telegram:1:${text.slice(0, 9)}`,
    source: { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" },
    text,
    address: {},
    received_at: SENT,
    part: { sent_at: SENT, ...part },
    ...more,
  };
}

const cut = message("first part", { cut: "\n" });
const picture = message("", { album: "7" });
const forward = message("what she wrote", { forwarded: true });
const plain = message("hello");

describe("more is waited for", () => {
  test.each([
    ["a text that may be cut", cut, 1_000],
    ["a picture of an album", picture, 800],
    ["something forwarded", forward, 800],
    ["no ordinary message", plain, 0],
    ["no message of a platform that sends all whole", message("hi", {}, { part: undefined }), 0],
  ])("after %s", (_what, one, ms) => expect(waitFor(one)).toBe(ms));
});

describe("a message goes on with the one before", () => {
  const later = (ms: number, part: Partial<Part> = {}) => message("next", { sent_at: SENT + ms, ...part });
  const otherPerson = { ...plain, source: { ...plain.source, user_id: "43" } };
  test.each([
    ["after a text that was cut", later(1_000), cut, true],
    ["after a text that was cut, but much later", later(4_000), cut, false],
    [
      "before a text that was cut, which overtook it",
      { ...plain, sequence: 1 },
      { ...cut, sequence: 2 },
      false,
    ],
    ["after a text that was cut, by somebody else", otherPerson, cut, false],
    ["an album after a text that was cut", later(0, { album: "8" }), cut, false],
    ["in the same album, however late", later(60_000, { album: "7" }), picture, true],
    ["in another album", later(0, { album: "8" }), picture, false],
    ["forwarded after its comment", later(0, { forwarded: true }), plain, true],
    ["a comment after what was forwarded", later(1_000), forward, true],
    ["an ordinary message after another", later(0), plain, false],
    ["where the platform sends all whole", { ...plain, part: undefined }, cut, false],
  ])("%s: %#", (_what, next, before, expected) => expect(goesOn(next, before)).toBe(expected));
});

describe("of two messages one is made", () => {
  test("which is no command where a part of it is none", () => {
    expect(join(picture, { ...message("/new", { forwarded: true }), literal: true }).literal).toBe(true);
    expect(join(cut, message("second")).literal).toBeUndefined();
  });

  test("a text that was cut at a blank goes on in the next line, one that was cut anywhere in the same", () => {
    expect(join(cut, message("second")).text).toBe("first part\nsecond");
    expect(join(message("in mid-wo", { cut: "" }), message("rd")).text).toBe("in mid-word");
  });

  test("who speaks and what is replied to is said once", () => {
    const preface = "[Ada] ";
    expect(join({ ...plain, preface }, { ...forward, preface })).toMatchObject({
      preface,
      text: "hello\nwhat she wrote",
    });
    const reply = { ...forward, preface: '[Replying to: "x"]\n\n' };
    expect(join(plain, reply).text).toBe('hello\n[Replying to: "x"]\n\nwhat she wrote');
    expect(join(cut, { ...plain, preface }).text).toBe("first part\nhello");
  });

  test("each file is there once, and the answer goes where the first one's would", () => {
    const quoted = { kind: "image", ref: "old", quoted: true } as const;
    const [a, b] = ["a", "b"].map((ref) => ({ kind: "image", ref }) as const);
    const first = message("", { album: "7" }, { attachments: [a, quoted] as never, address: { to: 1 } });
    const second = message(
      "caption",
      { album: "7" },
      { attachments: [b, quoted] as never, address: { to: 2 } },
    );
    expect(join(first, second)).toMatchObject({
      text: "caption",
      attachments: [a, quoted, b],
      address: { to: 1 },
      delivery_id: first.delivery_id,
    });
  });
});
