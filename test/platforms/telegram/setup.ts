import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { vi } from "vitest";
import type { Env } from "../../../src/env.ts";
import { webhook } from "../../../src/platforms/telegram/webhook.ts";
import { formFields, isForm } from "../../../tools/doubles/form.ts";
import * as support from "../../support/setup.ts";

export const BOT_ID = 7123456789;
export const SECRET = "hook-secret_1";

/** One of the payloads in `fixtures/`, as Telegram sends it. */
export function fixture(name: string): { update_id: number; message: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8"));
}

/** A token of the fixtures' bot, or of one that no other test has asked the name of. */
export function tokenOf(id: number): string {
  return `${id}:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw`;
}

export const envWith = (variables: { readonly [name: string]: string }): Env =>
  support.envWith({
    TELEGRAM_BOT_TOKEN: tokenOf(BOT_ID),
    TELEGRAM_WEBHOOK_SECRET: SECRET,
    ...variables,
  });

/** One request, as the Bot API would see it. */
export interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly params: Record<string, unknown>;
}

/** What the double does with a call: answer, drop the connection, or never answer. */
export type Reply =
  | { readonly status: number; readonly body: unknown; readonly location?: string }
  | { readonly file: Uint8Array }
  | "drop"
  | "silence";

export const SENT: Reply = { status: 200, body: { ok: true, result: { message_id: 900 } } };

export function refusal(code: number, description: string, parameters?: object): Reply {
  return {
    status: code,
    body: { ok: false, error_code: code, description, ...(parameters ? { parameters } : {}) },
  };
}

/** A local Bot API: it replies as it is told, in order, and with the last reply from then on. */
export async function startBotApi(...replies: Reply[]) {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    const type = request.headers["content-type"];
    const params = isForm(type) ? await formFields(body, type) : body ? JSON.parse(body) : {};
    calls.push({ path: request.url ?? "", headers: request.headers, params });
    const reply = (replies.length > 1 ? replies.shift() : replies[0]) ?? SENT;
    if (reply === "drop") return request.socket.destroy();
    if (reply === "silence") return;
    if ("file" in reply) return response.end(reply.file);
    response.writeHead(reply.status, {
      "content-type": "application/json",
      ...(reply.location ? { location: reply.location } : {}),
    });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    calls,
    base: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Routes that decide nothing. */
export const ROUTES = support.routesWith();

/** What getMe answers for the fixtures' bot. */
export const ME: Reply = {
  status: 200,
  body: { ok: true, result: { id: BOT_ID, is_bot: true, username: "TalariaTestBot" } },
};

/** What an update becomes, with a Bot API that knows the fixtures' bot. */
export async function parse(payload: unknown, routes = ROUTES) {
  await using api = await startBotApi(ME);
  return await webhook.parse(payload, envWith({ TELEGRAM_API_BASE: api.base }), routes, Date.now());
}

/** The message that an update becomes. */
export async function messageOf(payload: unknown) {
  const event = await parse(payload);
  if (event.kind !== "message") throw new Error(`${event.kind}: ${JSON.stringify(event)}`);
  return event.message;
}

/** The log lines that `work` writes, parsed. */
export async function logged<Value>(work: () => Promise<Value>) {
  const lines: string[] = [];
  const spies = (["info", "warn", "error"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(line)),
  );
  try {
    return { value: await work(), lines };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
