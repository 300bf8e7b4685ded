import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answered, failed, good, KEY, status, waitsOf } from "../support/faults/fault.ts";
import { HTTP_FAULTS } from "../support/faults/http.ts";
import { STREAM_FAULTS } from "../support/faults/stream.ts";
import { type RawEndpoint, startRawEndpoint } from "../support/raw-endpoint.ts";
import { ask, bundleOf, instantClock } from "./setup.ts";

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
    const total_ms = fault.limit === "total" ? 300 : 60_000;
    const timeouts = { first_token_ms: 150, idle_ms: 100, total_ms };

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

  test("remembers what an endpoint refused, so that the next turn is not refused again", async () => {
    const bundle = bundleOf(`${endpoint.url}/picky`);
    endpoint.script(status(400, { message: "Unrecognized request argument: stream_options" }), good);
    await ask(bundle);
    const asked = endpoint.requests.length;
    expect(await ask(bundle)).toMatchObject({ ...answered, value: { tries: 1 } });
    expect(endpoint.requests.length - asked).toBe(1);
    expect(endpoint.requests.at(-1)?.body).not.toHaveProperty("stream_options");
  });
});
