import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { formFields, isForm } from "../../../tools/doubles/form.ts";

/** One request, as Discord's REST API would see it. */
export interface Seen {
  readonly request: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

/** What the double answers: a status with JSON, `cut`: the request is read and the connection dropped, or `silence`. */
export type Answer =
  | "cut"
  | "silence"
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

/** A local double of Discord's REST API: it answers as it is told, in order, and then as if all went well. */
export async function startDiscord(...answers: Answer[]) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const type = request.headers["content-type"];
    seen.push({
      request: `${request.method} ${request.url}`,
      headers: request.headers,
      body: isForm(type) ? await formFields(text, type) : text ? JSON.parse(text) : null,
    });
    const answer = answers.shift() ?? { status: 200, body: { id: `message-${seen.length}` } };
    if (answer === "cut") return request.socket.destroy();
    if (answer === "silence") return;
    response.writeHead(answer.status, { "Content-Type": "application/json", ...answer.headers });
    const { body = {} } = answer;
    response.end(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen,
    base: `http://127.0.0.1:${port}/api/v10`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
