import { describe, expect, test, vi } from "vitest";
import { delivery } from "../../../src/platforms/discord/delivery.ts";
import { PICTURES } from "../pictures.ts";
import { PICTURE } from "./fixtures.ts";
import { type Answer, startDiscord } from "./server.ts";
import { envWith } from "./setup.ts";

const MAX_BYTES = 5 * 1024 * 1024;
const PNG = PICTURES["image/png"];
const { pathname, search } = new URL(PICTURE.url);

const fetchFrom = (ref: string, variables: { readonly [name: string]: string }) =>
  delivery.fetchAttachment?.(
    { kind: "image", ref },
    MAX_BYTES,
    envWith(variables),
    new AbortController().signal,
  );

/** Fetches the fixtures' picture from a double that answers so; what came, and what Discord saw. */
async function fetched(...answers: Answer[]) {
  await using discord = await startDiscord(...answers);
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  try {
    const ref = new URL(pathname + search, discord.base).href;
    const file = await fetchFrom(ref, { DISCORD_API_BASE: discord.base });
    expect(JSON.stringify(warn.mock.calls), "no signed address in the log").not.toContain("hm=");
    return { file, seen: discord.seen };
  } finally {
    warn.mockRestore();
  }
}

describe("a picture is fetched from Discord's CDN", () => {
  test("by its signed address, as Discord's clients do, without a credential", async () => {
    const { file, seen } = await fetched({ status: 200, body: PNG });
    expect(file).toEqual({ ok: true, bytes: PNG });
    expect(seen).toMatchObject([
      {
        request: `GET ${pathname}${search}`,
        headers: { "user-agent": expect.stringMatching(/^DiscordBot \(/) },
      },
    ]);
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  test("which speaks https", async () => {
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(PNG));
    try {
      expect(await fetchFrom(PICTURE.url, {})).toMatchObject({ ok: true });
      expect(String(spy.mock.calls[0]?.[0])).toBe(PICTURE.url);
    } finally {
      spy.mockRestore();
    }
  });

  test.each<[string, Answer, string]>([
    ["an address that has expired", { status: 404, body: "This content is no longer available." }, "gone"],
    ["a file over the limit", { status: 200, body: new Uint8Array(MAX_BYTES + 1) }, "too_large"],
    ["a lost connection", "cut", "unreachable"],
    ["a CDN that is down", { status: 503 }, "unreachable"],
  ])("%s gives the reason", async (_, answer, reason) => {
    expect((await fetched(answer)).file).toEqual({ ok: false, reason });
  });

  test("and never from where a redirect points", async () => {
    await using elsewhere = await startDiscord({ status: 200, body: PNG });
    const { file } = await fetched({ status: 302, headers: { Location: `${elsewhere.base}/x.png` } });
    expect(file).toEqual({ ok: false, reason: "unreachable" });
    expect(elsewhere.seen).toEqual([]);
  });

  test.each([
    "https://evil.example/cat.png",
    "https://cdn.discordapp.com.evil.example/cat.png",
    "https://cdn.discordapp.com:8443/cat.png",
    "https://cdn.discordapp.com@evil.example/cat.png",
    "http://cdn.discordapp.com/cat.png",
    "https://discord.com/cat.png",
  ])("nor is %s asked for, which is none of Discord's hosts for files", async (ref) => {
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(PNG));
    try {
      expect(await fetchFrom(ref, {})).toEqual({ ok: false, reason: "unreachable" });
      expect(spy).not.toHaveBeenCalled();
    } finally {
      spy.mockRestore();
    }
  });

  test("nor from another host or by anything but https, save where DISCORD_API_BASE is", async () => {
    await using discord = await startDiscord();
    await using elsewhere = await startDiscord();
    const refs = [
      `${elsewhere.base}/cat.png`,
      "file:///etc/passwd",
      "data:image/png;base64,iVBORw0KGgo=",
      "cat.png",
    ];
    for (const variables of [{ DISCORD_API_BASE: discord.base }, {}]) {
      for (const ref of refs) {
        expect(await fetchFrom(ref, variables)).toEqual({ ok: false, reason: "unreachable" });
      }
    }
    expect([...discord.seen, ...elsewhere.seen]).toEqual([]);
  });
});
