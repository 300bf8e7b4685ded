import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSocketServer, type Server } from "node:net";
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

/** Serves on a free port of 127.0.0.1. A handler that throws answers 500, unless who asked went away while asking. */
export async function serve(handler: Handler): Promise<LocalServer> {
  const server = createServer((request, response) => {
    handler(request, response).catch((error: unknown) => {
      if (request.readableAborted) return;
      console.error(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  const port = await listen(server, 0);
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
export function serveApp(app: Pick<Hono<{ Bindings: HttpBindings }>, "fetch">): Promise<LocalServer> {
  // What is global belongs to the program that these servers are part of.
  return serve(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
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

/** Resolves with the port that it listens on. */
function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("not a TCP server"));
      else resolve(address.port);
    });
  });
}
