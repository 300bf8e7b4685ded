/**
 * What reading an answer costs: `infer` on a chat-completions answer of 400 chunks, all of it (request,
 * time limits, finish mark, size limit, reasoning filter), against a bare loop of eventsource-parser and
 * JSON.parse over the same bytes. `node bench/stream.ts`; aim: at most 1.3.
 */
import { createParser } from "eventsource-parser";
import type { Env } from "../src/env.ts";
import { infer } from "../src/inference/infer.ts";
import type { Bundle } from "../src/routing/types.ts";

const CHUNKS = 400;
const ROUNDS = 400;
const WARM_UP = 100;

const encoder = new TextEncoder();
const chunk = (delta: object, finish_reason: string | null): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-Bx3kQ0v7mZ2pL9sT4wYc8dEf",
    object: "chat.completion.chunk",
    created: 1_795_000_000,
    model: "claude-haiku-4-5",
    system_fingerprint: "fp_0123456789",
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  })}\n\n`;
const NETWORK_CHUNKS = [
  chunk({ role: "assistant", content: "" }, null),
  ...Array.from({ length: CHUNKS - 2 }, (_, i) => chunk({ content: ` word${i}` }, null)),
  chunk({}, "stop"),
  "data: [DONE]\n\n",
].map((text) => encoder.encode(text));

globalThis.fetch = async () => {
  let next = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const bytes = NETWORK_CHUNKS[next++];
      if (bytes === undefined) controller.close();
      else controller.enqueue(bytes);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
};

/** The least that anybody must do to read such an answer. */
async function bare(): Promise<string> {
  const response = await fetch("http://127.0.0.1/v1/chat/completions");
  let text = "";
  const parser = createParser({
    onEvent({ data }) {
      if (data !== "[DONE]") text += JSON.parse(data).choices[0]?.delta.content ?? "";
    },
  });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (next === undefined || next.done) return text;
    parser.feed(decoder.decode(next.value, { stream: true }));
  }
}

const bundle: Bundle = {
  model: "claude-haiku-4-5",
  provider: "custom",
  base_url: "http://127.0.0.1/v1",
  api_key: "${INFERENCE_KEY}",
  api_mode: "chat_completions",
};
const env = { INFERENCE_KEY: "sk-0123456789" } as unknown as Env;

async function talaria(): Promise<string> {
  const messages = [{ role: "user", content: "Hello" } as const];
  const result = await infer({ bundle, messages, signal: new AbortController().signal, env });
  if (!result.ok) throw new Error(result.error.detail);
  return result.value.text;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function timed(work: () => Promise<string>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

if ((await bare()).trim() !== (await talaria())) throw new Error("the two read different answers");
const floor: number[] = [];
const ours: number[] = [];
for (let round = -WARM_UP; round < ROUNDS; round++) {
  // Alternating, so that whatever else the machine does falls on both.
  const a = await timed(bare);
  const b = await timed(talaria);
  if (round >= 0) {
    floor.push(a);
    ours.push(b);
  }
}
const [bareMs, talariaMs] = [median(floor), median(ours)];
console.log(`${CHUNKS}-chunk answer, median of ${ROUNDS}:`);
console.log(`  bare parser loop  ${bareMs.toFixed(3)} ms`);
console.log(`  infer             ${talariaMs.toFixed(3)} ms`);
console.log(`  ratio             ${(talariaMs / bareMs).toFixed(2)}`);
