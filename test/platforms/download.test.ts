import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { download } from "../../src/platforms/download.ts";
import { type LocalServer, serve } from "../../tools/lib/serve.ts";
import { PICTURES } from "./pictures.ts";

const MAX_BYTES = 1_000;
const PATH = "/file/bot123:secret-part-of-a-token/photos/file_7.jpg";
const PNG = PICTURES["image/png"];
const never = new AbortController().signal;

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

const open: LocalServer[] = [];
let logged: string[] = [];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, "warn").mockImplementation((line: string) => void logged.push(line));
});
afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const server of open.splice(0)) await server.close();
});

/** A host that answers each request so. */
async function host(handle: Handle): Promise<URL> {
  const server = await serve(async (request, response) => handle(request, response));
  open.push(server);
  return new URL(PATH, server.url);
}

/** What becomes of a file from a host that answers so. */
async function fetched(handle: Handle, signal = never) {
  return download(await host(handle), MAX_BYTES, signal);
}

const gives =
  (status: number, body: Uint8Array | string = "", headers: Record<string, string> = {}): Handle =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

describe("a file", () => {
  test.each(["a text", ""])("is what came, whatever a header calls it: %j", async (body) => {
    const file = await fetched(gives(200, body, { "content-type": "image/png" }));
    expect(file).toEqual({ ok: true, bytes: new TextEncoder().encode(body) });
    expect(logged).toEqual([]);
  });

  test("is asked for with the headers given", async () => {
    const agents: (string | undefined)[] = [];
    const url = await host((request, response) => {
      agents.push(request.headers["user-agent"]);
      response.end(PNG);
    });
    await download(url, MAX_BYTES, never, { "User-Agent": "DiscordBot (talaria, 1)" });
    expect(agents).toEqual(["DiscordBot (talaria, 1)"]);
  });
});

describe("a file over the limit is not downloaded", () => {
  const tooLarge = { ok: false, reason: "too_large" };

  test("by its declared length, without waiting for the rest", async () => {
    const declared: Handle = (_, response) => {
      response.writeHead(200, { "content-length": MAX_BYTES + 1 }).write(PNG);
    };
    expect(await fetched(declared)).toEqual(tooLarge);
  });

  test("by what comes, where no length was declared, and the connection is ended", async () => {
    let ended = false;
    const endless: Handle = (_, response) => {
      const more = () => {
        while (response.write(PNG));
      };
      response.on("drain", more).on("close", () => {
        ended = true;
      });
      more();
    };
    expect(await fetched(endless)).toEqual(tooLarge);
    await vi.waitFor(() => expect(ended).toBe(true));
  });

  test("and one that just fits is", async () => {
    const bytes = new Uint8Array(MAX_BYTES);
    bytes.set(PNG);
    expect(await fetched(gives(200, bytes))).toMatchObject({ ok: true });
  });
});

describe("why there is no file:", () => {
  test.each([
    [404, "gone"],
    [403, "gone"],
    [410, "gone"],
    [408, "unreachable"],
    [429, "unreachable"],
    [500, "unreachable"],
    [503, "unreachable"],
    [204, "unreachable"],
  ])("HTTP %i is %s", async (status, reason) => {
    expect(await fetched(gives(status, status === 204 ? "" : PNG))).toEqual({ ok: false, reason });
    expect(logged).toHaveLength(1);
    expect(JSON.parse(logged[0] ?? "")).toMatchObject({ event: "file_not_fetched", reason, status });
  });

  test.each<[string, Handle]>([
    ["before the answer", (request) => request.socket.destroy()],
    [
      "in the middle of the file",
      (request, response) => {
        response
          .writeHead(200, { "content-length": PNG.length + 1 })
          .write(PNG, () => request.socket.destroy());
      },
    ],
  ])("a connection lost %s is unreachable, and the log holds no address", async (_, handle) => {
    expect(await fetched(handle)).toEqual({ ok: false, reason: "unreachable" });
    expect(logged).toHaveLength(1);
    expect(logged[0]).not.toContain("secret-part");
    expect(logged[0]).not.toContain("file_7");
  });

  test.each([301, 302, 307])("a redirect (%i) to another origin is not followed", async (status) => {
    const seen: unknown[] = [];
    const elsewhere = await host((request, response) => {
      seen.push(request.url);
      response.end(PNG);
    });
    const file = await fetched(gives(status, "", { location: elsewhere.href }));
    expect(file).toEqual({ ok: false, reason: "unreachable" });
    expect(seen).toEqual([]);
  });
});

describe("waiting ends", () => {
  test("as soon as the turn is stopped, and that is nothing to log", async () => {
    const turn = new AbortController();
    const file = fetched((_, response) => {
      response.writeHead(200).write(PNG, () => turn.abort());
    }, turn.signal);
    expect(await file).toEqual({ ok: false, reason: "unreachable" });
    expect(logged).toEqual([]);
  });

  test("after half a minute, and a file that came leaves no timer", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    expect(await fetched(gives(200, PNG))).toMatchObject({ ok: true });
    expect(vi.getTimerCount()).toBe(0);
    const stuck = Promise.withResolvers<void>();
    const file = fetched((_, response) => {
      response.writeHead(200).write(PNG, () => stuck.resolve());
    });
    await stuck.promise;
    vi.advanceTimersByTime(30_000);
    expect(await file).toEqual({ ok: false, reason: "unreachable" });
  });
});
