import { type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type ChaosConfig, type ChatCompletionRequest, LLMock } from "@copilotkit/aimock";
import * as z from "zod";
import { parseObject } from "../../tools/lib/json.ts";
import { serve } from "../../tools/lib/serve.ts";

/** One request as it came over the wire. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The presented key: `Authorization: Bearer` or `x-api-key`; null if there was none. */
  readonly key: string | null;
  readonly model: string | null;
  /** `messages`, or `input` of the Responses API. */
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly body: { readonly [field: string]: unknown };
}

/** A question as an answer function sees it, whatever API it came through. */
export interface Question {
  readonly model: string;
  /** The last user message. */
  readonly text: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

/** A text, or a text with what else an endpoint says. `usage` in the field names of the API that is asked. */
export type Reply =
  | string
  | {
      readonly text: string;
      readonly reasoning?: string;
      readonly finish?: "stop" | "length" | "content_filter";
      readonly usage?: { readonly [field: string]: number };
    };

export interface InferenceDouble {
  /** Base URL as a route's `base_url` takes it: ends in `/v1`. */
  readonly url: string;
  /** Every request so far, in the order of arrival, refused ones included. */
  requests(): readonly Received[];
  /** What is answered from now on. */
  answer(reply: Reply | ((question: Question) => Reply | Promise<Reply>)): void;
  /** aimock's chaos (rates and `latencyMs`) from now on; null ends it. */
  chaos(config: ChaosConfig | null): void;
  /** The next requests are refused with this status. */
  failNext(count: number, status: number, headers?: { readonly [name: string]: string }): void;
  /** The streams of the next answers are cut after so many chunks. */
  cutNext(count: number, chunks: number): void;
  /** Forgets requests and faults; the answer stays. */
  clear(): void;
  stop(): Promise<void>;
}

const Body = z.looseObject({
  model: z.string().optional(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).optional(),
  input: z.array(z.looseObject({ role: z.string(), content: z.unknown() })).optional(),
});

/**
 * Starts an inference endpoint on 127.0.0.1 that speaks chat completions, Responses and Anthropic
 * Messages: `@copilotkit/aimock` behind a small proxy that keeps what aimock's own journal redacts or
 * rewrites (keys, headers, the body as sent) and refuses requests on demand.
 * By default it answers `<model> heard: <the last user message>`.
 */
export async function startInference(): Promise<InferenceDouble> {
  const received: Received[] = [];
  const faults: { status: number; headers: { readonly [name: string]: string } }[] = [];
  let cuts = 0;
  let reply: (question: Question) => Reply | Promise<Reply> = ({ model, text }) => `${model} heard: ${text}`;

  const mock = new LLMock({ port: 0, host: "127.0.0.1" });
  const respond = async (asked: ChatCompletionRequest) => {
    const given = await reply(questionOf(asked));
    if (typeof given === "string") return { content: given };
    return {
      content: given.text,
      ...(given.reasoning === undefined ? {} : { reasoning: given.reasoning }),
      ...(given.finish === undefined ? {} : { finishReason: given.finish }),
      ...(given.usage === undefined ? {} : { usage: given.usage }),
    };
  };
  const addFixtures = (chunks: number) => {
    mock.clearFixtures();
    mock.on(
      { predicate: () => cuts > 0 },
      (asked) => {
        cuts--;
        return respond(asked);
      },
      // Without the pauses, aimock's cut would also lose what was written just before it.
      { truncateAfterChunks: chunks, chunkSize: 4, latency: 3 },
    );
    mock.on({ predicate: () => true }, respond);
  };
  addFixtures(1);
  await mock.start();

  const server = await serve(async (incoming, outgoing) => {
    const body = await bytesOf(incoming);
    received.push(read(incoming, body));
    const fault = faults.shift();
    if (fault === undefined) return pass(mock.url, incoming, body, outgoing);
    outgoing.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
    outgoing.end(JSON.stringify({ error: { message: "refused on demand", type: "refused" } }));
  });

  return {
    url: `${server.url}/v1`,
    requests: () => received,
    answer(given) {
      reply = typeof given === "function" ? given : () => given;
    },
    chaos(config) {
      if (config === null) mock.clearChaos();
      else mock.setChaos(config);
    },
    failNext(count, status, headers = {}) {
      for (let i = 0; i < count; i++) faults.push({ status, headers });
    },
    cutNext(count, chunks) {
      addFixtures(chunks);
      cuts = count;
    },
    clear() {
      received.length = 0;
      faults.length = 0;
      cuts = 0;
      mock.clearChaos();
      mock.clearRequests();
    },
    async stop() {
      await server.close();
      await mock.stop();
    },
  };
}

/** Hands a request on and streams the answer back; a cut one is cut here as well. */
function pass(base: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
  const { "transfer-encoding": _, ...headers } = incoming.headers;
  const onward = request(`${base}${incoming.url}`, {
    method: incoming.method,
    headers: { ...headers, "content-length": body.length },
    agent: false,
  });
  onward.on("response", (response) => {
    outgoing.writeHead(response.statusCode ?? 500, response.headers);
    outgoing.flushHeaders();
    response.on("data", (bytes: Buffer) => outgoing.write(bytes));
    response.on("end", () => outgoing.end());
    // What came before the cut is still delivered; then the connection ends inside the body.
    response.on("error", () => outgoing.socket?.end());
  });
  onward.on("error", () => outgoing.destroy());
  outgoing.on("close", () => onward.destroy());
  onward.end(body);
}

export async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** One request as a journal keeps it. */
export function read(incoming: IncomingMessage, bytes: Buffer): Received {
  const parsed = Body.safeParse(parseObject(bytes.toString()));
  const body = parsed.success ? parsed.data : {};
  const bearer = /^Bearer (.+)$/.exec(incoming.headers.authorization ?? "")?.[1];
  const key = bearer ?? incoming.headers["x-api-key"];
  return {
    method: incoming.method ?? "",
    path: incoming.url ?? "",
    headers: incoming.headers,
    key: typeof key === "string" ? key : null,
    model: parsed.data?.model ?? null,
    messages: parsed.data?.messages ?? parsed.data?.input ?? [],
    body,
  };
}

function questionOf(asked: ChatCompletionRequest): Question {
  const messages = asked.messages.map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join(""),
  }));
  const text = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return { model: asked.model, text, messages };
}
