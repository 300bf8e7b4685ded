import type { ServerResponse } from "node:http";
import { serve } from "../../tools/lib/serve.ts";
import { bytesOf, type Received, read } from "./inference.ts";

/** One request and the connection it came on; the script decides byte by byte what goes back. */
export interface Exchange {
  readonly request: Received;
  /** Sends status line and headers. */
  head(status: number, headers?: { readonly [name: string]: string }): Exchange;
  /** Starts an event stream. */
  stream(): Exchange;
  /** Sends these bytes as they are. */
  write(bytes: string | Uint8Array): Exchange;
  /** Sends one event: `data: <json>`, with `event: <name>` before it if named. */
  event(data: unknown, name?: string): Exchange;
  /** Sends one chat-completions chunk. */
  chunk(delta: { readonly [field: string]: unknown }, finish_reason?: string | null): Exchange;
  /** Ends the body as HTTP wants it. */
  end(bytes?: string): void;
  /** Breaks the connection in the middle of the body. */
  cut(): void;
  /** Resolves when the connection is gone, or the answer was taken whole. */
  readonly closed: Promise<void>;
}

export type Script = (exchange: Exchange) => unknown;

/** An answer that was begun and goes on only when the test says so. */
export interface Held {
  /** Resolves with the exchange once the request is here and the beginning was sent. */
  readonly started: Promise<Exchange>;
  /** Sends the rest. */
  release(): void;
}

export interface RawEndpoint {
  /** Base URL as a route's `base_url` takes it: ends in `/v1`. */
  readonly url: string;
  readonly requests: readonly Received[];
  /** Scripts for the next requests, one each; the last stays for all further ones. */
  script(...scripts: Script[]): void;
  /** Scripts the next request to be held after `beginning` and finished, on release, by `rest`. */
  hold(beginning?: Script, rest?: Script): Held;
  /** Forgets the requests. */
  clear(): void;
  stop(): Promise<void>;
}

/** A whole, ordinary chat-completions answer. */
export const chatAnswer =
  (text: string): Script =>
  (exchange) =>
    exchange.stream().chunk({ role: "assistant", content: text }).chunk({}, "stop").event("[DONE]").end();

/** Takes the request and says nothing. */
export const silence: Script = () => {};

/**
 * Starts an endpoint on 127.0.0.1 whose answers are scripted on the level of bytes: for silence, stalls,
 * cuts, redirects, in-stream errors and answers held back, which a well-behaved mock cannot give.
 * Until it is scripted, it answers `ok`.
 */
export async function startRawEndpoint(): Promise<RawEndpoint> {
  const requests: Received[] = [];
  let scripts: Script[] = [chatAnswer("ok")];

  const server = await serve(async (incoming, outgoing) => {
    const request = read(incoming, await bytesOf(incoming));
    requests.push(request);
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    await script?.(exchangeOf(request, outgoing));
  });

  return {
    url: `${server.url}/v1`,
    requests,
    script(...given) {
      scripts = given;
    },
    hold(beginning = (exchange) => exchange.stream(), rest = (exchange) => exchange.end()) {
      const begun = Promise.withResolvers<Exchange>();
      const released = Promise.withResolvers<void>();
      scripts.unshift(async (exchange) => {
        await beginning(exchange);
        begun.resolve(exchange);
        await released.promise;
        await rest(exchange);
      });
      return { started: begun.promise, release: () => released.resolve() };
    },
    clear() {
      requests.length = 0;
    },
    stop: () => server.close(),
  };
}

function exchangeOf(request: Received, outgoing: ServerResponse): Exchange {
  const closed = new Promise<void>((resolve) => outgoing.once("close", () => resolve()));
  const exchange: Exchange = {
    request,
    closed,
    head(status, headers = {}) {
      outgoing.writeHead(status, headers);
      outgoing.flushHeaders();
      return exchange;
    },
    stream: () => exchange.head(200, { "content-type": "text/event-stream" }),
    write(bytes) {
      outgoing.write(bytes);
      return exchange;
    },
    event(data, name) {
      const json = typeof data === "string" ? data : JSON.stringify(data);
      return exchange.write(`${name === undefined ? "" : `event: ${name}\n`}data: ${json}\n\n`);
    },
    chunk: (delta, finish_reason = null) =>
      exchange.event({ object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] }),
    end(bytes = "") {
      outgoing.end(bytes);
    },
    cut() {
      // What was written so far is sent first; then the connection ends without the last HTTP chunk.
      outgoing.socket?.end();
    },
  };
  return exchange;
}
