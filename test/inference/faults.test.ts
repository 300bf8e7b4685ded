import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Health } from "../../src/inference/health.ts";
import { API_MODES } from "../../src/routing/providers.ts";
import { answered, failed, good, KEY, status, waitsOf } from "../support/faults/fault.ts";
import { HTTP_FAULTS } from "../support/faults/http.ts";
import { STREAM_FAULTS } from "../support/faults/stream.ts";
import { type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { ask, askChain, bundleOf, envOf, instantClock } from "./setup.ts";

let endpoint: RawEndpoint;
beforeAll(async () => {
  endpoint = await startRawEndpoint();
});
afterAll(() => endpoint.stop());

describe("what each fault comes to, and how often the endpoint is asked", () => {
  test.each([...HTTP_FAULTS, ...STREAM_FAULTS])("$fault", async (fault) => {
    const asked = endpoint.requests.length;
    endpoint.script(...fault.scripts);
    const clock = instantClock();
    // Only what is about time has little of it: a busy machine must not change what the others come to.
    const total_ms = fault.limit === "total" ? 300 : 60_000;
    const timeouts = fault.limit ? { first_token_ms: 150, idle_ms: 100, total_ms } : {};

    const result = await ask(bundleOf(`${endpoint.url}/${asked}`, { timeouts }), {}, clock);

    expect(result).toMatchObject(fault.gives);
    expect(endpoint.requests.length - asked).toBe(fault.calls);
    expect(clock.waits.filter((ms) => ms > 0)).toEqual(waitsOf(fault));
    // Neither a key nor the conversation gets into an error.
    expect(JSON.stringify(result)).not.toContain(KEY);
    if (!result.ok) expect(JSON.stringify(result)).not.toMatch(/private word|Half an ans/);
  });

  test.each([301, 302, 303, 307, 308])("a redirect to another origin: %i", async (code) => {
    const elsewhere = await startRawEndpoint();
    endpoint.script(({ head }) => head(code, { location: `${elsewhere.url}/chat/completions` }).end());
    expect(await ask(bundleOf(endpoint.url))).toMatchObject(failed("redirected", { status: code, tries: 1 }));
    // No key, and nothing else either.
    expect(elsewhere.requests).toHaveLength(0);
    await elsewhere.stop();
  });

  test("a refused connection", async () => {
    const gone = await startRawEndpoint();
    await gone.stop();
    const result = await ask(bundleOf(gone.url));
    expect(result).toMatchObject(failed("unreachable", { tries: 3, detail: "no connection (ECONNREFUSED)" }));
  });

  /** Asks twice an endpoint that refuses the first request so; gives what each request said of `stream_options`. */
  async function askedTwice(name: string, refusal: object) {
    const bundle = bundleOf(`${endpoint.url}/${name}`);
    const asked = endpoint.requests.length;
    endpoint.script(({ head }) => head(422).end(JSON.stringify(refusal)), good);
    expect(await ask(bundle)).toMatchObject({ ...answered, value: { tries: 2 } });
    expect(await ask(bundle)).toMatchObject({ ...answered, value: { tries: 1 } });
    return endpoint.requests.slice(asked).map(({ body }) => "stream_options" in body);
  }

  const detail = [{ type: "extra_forbidden", loc: ["body", "stream_options", "include_usage"], input: true }];
  test.each([
    ["OpenAI", { error: { message: "Unknown parameter.", param: "stream_options.include_usage" } }],
    ["FastAPI", { detail }],
    ["Mistral", { object: "error", message: { detail }, param: null }],
    ["Mistral of 2025", { object: "Error", message: detail }],
  ])("what an endpoint refused is not sent to it again (%s)", async (name, refusal) => {
    expect(await askedTwice(name, refusal)).toEqual([true, false, false]);
  });

  test.each([
    ["as-a-message", { error: { message: 'invalid input: "tell me of stream_options"', param: "messages" } }],
    ["as-an-input", { detail: [{ loc: ["body", "messages", 0], input: { content: "stream_options" } }] }],
  ])(
    "a user's word for it that an error quotes counts for that request alone (%s)",
    async (name, refusal) => {
      expect(await askedTwice(name, refusal)).toEqual([true, false, true]);
    },
  );

  test("a long error is understood to its end", async () => {
    const message = `${"x".repeat(20_000)} prompt is too long`;
    endpoint.script(({ head }) => {
      const body = JSON.stringify({ error: { message } });
      head(400, { "content-type": "application/json", "content-length": String(body.length) }).end(body);
    });
    expect(await ask(bundleOf(endpoint.url))).toMatchObject(failed("too_long"));
  });

  test("a runtime that sends nothing more is no fault of the endpoint, and asking again would be vain", async () => {
    const refused = vi.spyOn(globalThis, "fetch");
    refused.mockRejectedValue(new Error("Too many subrequests by single Worker invocation."));
    const memory = new Health();
    const chain = [bundleOf("https://one.example/v1"), bundleOf("https://two.example/v1")];
    for (let i = 0; i < 3; i++) {
      expect(await askChain(chain, {}, memory)).toMatchObject(failed("not_sent", { tries: 1 }));
    }
    expect(refused).toHaveBeenCalledTimes(3);
    expect(memory.order(chain, Date.now())).toEqual([0, 1]);
    refused.mockRestore();
  });

  describe("an error that tells a secret in a field that is logged", () => {
    const env = envOf({ OWNER_KEY: "0123abcd4567efgh", TEAM_TOKEN: "team+token/99aa88bb" });
    const headers = { "x-team": "Bearer ${TEAM_TOKEN}", "x-literal": "literal-0f1e2d" };
    // A fragment of the second: the whole is no identifier, and so not logged anyway.
    const leak = { code: "key.0123abcd4567efgh", type: "99aa88bb", param: "literal-0f1e2d" };

    test("as an answer", async () => {
      endpoint.script(status(401, leak));
      const result = await ask(bundleOf(endpoint.url, { headers }), { env });
      expect(result).toMatchObject(
        failed("unauthorized", { detail: "HTTP 401 [hidden] key.[hidden] [hidden]" }),
      );
    });

    test.each(API_MODES)("inside a stream of %s", async (api_mode) => {
      endpoint.script(({ stream }) => stream().event({ type: "error", error: leak }, "error").end());
      const bundle = bundleOf(endpoint.url, { api_mode, headers, timeouts: { total_ms: 100 } });
      const result = await ask(bundle, { env });
      expect(result).toMatchObject({ ok: false, error: { detail: expect.stringContaining("key.[hidden]") } });
      expect(JSON.stringify(result)).not.toMatch(/0123abcd|99aa88bb|0f1e2d/);
    });

    test("a key that the routes file says literally is hidden as well", async () => {
      endpoint.script(status(401, { code: "literal-key-abcdef" }));
      const result = await ask(bundleOf(endpoint.url, { api_key: "literal-key-abcdef" }));
      expect(result).toMatchObject(failed("unauthorized", { detail: "HTTP 401 [hidden]" }));
    });
  });
});
