import { afterAll, beforeAll, expect, test } from "vitest";
import { ok } from "../../src/lib/result.ts";
import { systemClock } from "../../src/lib/time.ts";
import { ask, type Question } from "../../src/sessions/ask.ts";
import { loadText } from "../../tools/routes/load.ts";
import { type InferenceDouble, startInference } from "../support/inference.ts";

let base: InferenceDouble;
let jobs: InferenceDouble;
beforeAll(async () => {
  [base, jobs] = await Promise.all([startInference(), startInference()]);
});
afterAll(() => Promise.all([base.stop(), jobs.stop()]));

const env = { BASE_KEY: "base-key-0001", JOBS_KEY: "jobs-key-0002" };

/** Asks as an operation does that has no message: a job, a compression, a memory flush. */
async function asked(question: Pick<Question, "context" | "override">) {
  const { compiled: routes } = loadText(
    `
model:
  default: base-model
  provider: custom
  base_url: ${base.url}
  api_key: \${BASE_KEY}
  by_source: { cron: { model: jobs-model, base_url: "${jobs.url}", api_key: "\${JOBS_KEY}" } }

`,
    "routes.yaml",
  );
  if (!routes) throw new Error("the routes do not compile");
  const prompt = async () => ok([{ role: "user" as const, content: "Sum up what was said." }]);
  const tools = { routes, env, clock: systemClock, signal: new AbortController().signal };
  return ask({ ...question, session: null, delivery_id: null, prompt }, tools);
}

test("an operation without a message and without a context asks the whole default bundle", async () => {
  base.answer("A summary.");
  const result = await asked({ context: null, override: null });
  expect(result).toMatchObject({
    kind: "answer",
    text: "A summary.",
    record: { model: "base-model", route: "base" },
  });
  expect(base.requests().at(-1)).toMatchObject({ model: "base-model", key: env.BASE_KEY });
});

test("an operation with a context takes its route, with that route's endpoint and key", async () => {
  jobs.answer("Done.");
  const result = await asked({ context: { platform: "cron", source_kind: "cron" }, override: null });
  expect(result).toMatchObject({ kind: "answer", text: "Done.", record: { model: "jobs-model" } });
  expect(jobs.requests().at(-1)).toMatchObject({ model: "jobs-model", key: env.JOBS_KEY });
});

test("what is declined before the call costs nothing, and says why", async () => {
  const requests = base.requests().length;
  const { compiled: routes } = loadText(
    `model: { default: m, provider: custom, base_url: "${base.url}" }`,
    "f",
  );
  if (!routes) throw new Error("the routes do not compile");
  const result = await ask(
    {
      context: null,
      override: null,
      session: null,
      delivery_id: null,
      prompt: async () => ({ ok: false, error: "No." }),
    },
    { routes, env, clock: systemClock, signal: new AbortController().signal },
  );
  expect(result).toMatchObject({ kind: "declined", line: "No.", record: null });
  expect(base.requests()).toHaveLength(requests);
});
