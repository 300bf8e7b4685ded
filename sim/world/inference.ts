import type { Machine } from "../runtime/machine.ts";
import type { OutsideRequest, Piece, Reply } from "../runtime/outside.ts";
import { gatewayError, json, LOST, SILENCE } from "./reply.ts";
import { type Ask, questionsIn, type Traffic } from "./traffic.ts";

const STREAM = { "content-type": "text/event-stream" };

/**
 * Every inference endpoint. The answer to `q12` is made of the words `a12.0.0 a12.0.1 …`: the question, the try
 * and the word's place, so that whoever sees a part of it knows what it is a part of. The last word ends in `!`.
 */
export class InferenceServer {
  readonly #machine: Machine;
  readonly #traffic: Traffic;
  readonly #keys: { readonly [endpoint: string]: string };

  /** @param keys the key that each endpoint takes, by the first part of its host */
  constructor(machine: Machine, traffic: Traffic, keys: { readonly [endpoint: string]: string }) {
    this.#machine = machine;
    this.#traffic = traffic;
    this.#keys = keys;
  }

  serve(request: OutsideRequest): Reply {
    const endpoint = request.url.host.split(".")[0] ?? "";
    const body = JSON.parse(request.body);
    const messages: Ask["messages"] = body.messages;
    const holds = questionsIn(messages.at(-1)?.content ?? "");
    const [question = null] = holds;
    const { chance, loop } = this.#machine;
    const some = chance.stream(`model q${question}`);
    const key = (request.headers.authorization ?? "").replace("Bearer ", "");
    const ask: Ask = {
      at: loop.now,
      endpoint,
      model: String(body.model),
      key,
      question,
      holds,
      messages,
      try_index: this.#traffic.asks.filter((other) => other.question === question).length,
      words: chance.hits("long_answer", `q${question}`)
        ? Math.round(some.spread(300, 5_000))
        : some.int(1, 30),
      from: request.from,
      whole_at: null,
    };
    this.#traffic.asks.push(ask);
    if (this.#keys[endpoint] !== key) return json(chance, endpoint, 401, { error: { message: "bad key" } });
    const hits = (kind: string) => chance.hits(`model_${kind}`, endpoint);
    if (hits("lost")) return LOST;
    if (hits("silent")) return SILENCE;
    if (hits("500"))
      return some.pick([json(chance, endpoint, 500, { error: { message: "no" } }), gatewayError(502)]);
    if (hits("429")) {
      const wait = some.chance(0.5) ? { "retry-after": String(some.int(1, 60)) } : {};
      return { ...json(chance, endpoint, 429, { error: { message: "busy" } }), headers: wait };
    }
    if (hits("rejects")) return json(chance, endpoint, 400, { error: { message: "not this" } });
    if (hits("page")) return { ...json(chance, endpoint, 200, ""), headers: { "content-type": "text/html" } };
    return this.#stream(ask, hits);
  }

  #stream(ask: Ask, hits: (kind: string) => boolean): Reply {
    const { chance, loop } = this.#machine;
    const some = chance.stream(`model q${ask.question}`);
    const late = hits("late") ? some.spread(5_000, 100_000) : 0;
    const slow = hits("slow") ? 12_000 : 300;
    const words = Array.from({ length: ask.words }, (_, i) => wordOf(ask, i));
    const size = Math.max(1, Math.ceil(words.length / some.pick([1, 3, 5, 20])));
    const pieces: Piece[] = [];
    for (let i = 0; i < words.length; i += size) {
      const text = `${words.slice(i, i + size).join(" ")} `;
      pieces.push({
        after_ms: some.spread(1, slow),
        text: event({ choices: [{ delta: { content: text } }] }),
      });
    }
    const usage = { prompt_tokens: 10, completion_tokens: ask.words };
    const stop = event({ choices: [{ delta: {}, finish_reason: "stop" }] }) + event({ choices: [], usage });
    const end = { after_ms: 1, text: `${stop}data: [DONE]\n\n` };
    const reply = {
      kind: "stream",
      after_ms: late + some.spread(20, 3_000),
      headers: STREAM,
      delivered: () => {},
    } as const;
    const delivered = () => {
      ask.whole_at = loop.now;
    };
    const broken = pieces.slice(0, some.int(0, pieces.length));
    if (hits("stalls")) return { ...reply, pieces: broken, end: "silence" };
    if (hits("cut")) return { ...reply, pieces: broken, end: "cut" };
    if (hits("error_event")) {
      const error = { after_ms: 1, text: event({ error: { message: "overloaded", code: 503 } }) };
      return { ...reply, pieces: [...broken, error], end: "whole" };
    }
    if (hits("empty")) return { ...reply, pieces: [end], end: "whole" };
    return { ...reply, pieces: [...pieces, end], end: "whole", delivered };
  }
}

/** Word `i` of an answer; the last one ends in `!`. */
export const wordOf = ({ question, try_index, words }: Ask, i: number): string =>
  `a${question}.${try_index}.${i}${i === words - 1 ? "!" : ""}`;

const event = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`;
