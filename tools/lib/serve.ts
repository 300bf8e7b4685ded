import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";

const HOST = "127.0.0.1";

export interface LocalServer {
  readonly url: string;
  readonly port: number;
  /** Ends open connections too. */
  close(): Promise<void>;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Serves on a free port of 127.0.0.1. A handler that throws answers 500 and hands the error to `onError`. */
export async function serve(handler: Handler, onError = report): Promise<LocalServer> {
  const server = createServer((request, response) => {
    handler(request, response).catch((error: unknown) => {
      onError(error);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { error: "the double failed" });
    });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, HOST, () => resolve(portOf(server.address())));
  });
  return {
    url: `http://${HOST}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Serves a Hono app on a free port of 127.0.0.1. */
export function serveApp(app: Hono<{ Bindings: HttpBindings }>): Promise<LocalServer> {
  // What is global belongs to the program that these servers are part of.
  return serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
}

/** The whole body as text. */
export async function readText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString("utf8");
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createSocketServer();
  const port = await listen(server, 0);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether something already listens on this port of 127.0.0.1, or the system refuses it. */
export async function portTaken(port: number): Promise<boolean> {
  const server = createSocketServer();
  try {
    await listen(server, port);
  } catch {
    return true;
  }
  await new Promise((resolve) => server.close(resolve));
  return false;
}

function listen(server: ReturnType<typeof createSocketServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => resolve(portOf(server.address())));
  });
}

function portOf(address: ReturnType<ReturnType<typeof createSocketServer>["address"]>): number {
  if (address === null || typeof address === "string") throw new Error("not a TCP server");
  return address.port;
}

function report(error: unknown): void {
  console.error(error);
}
