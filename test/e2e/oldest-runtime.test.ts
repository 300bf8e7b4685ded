import { readFile } from "node:fs/promises";
import { afterEach, expect, inject, test } from "vitest";
import { startTelegram, type TelegramDouble } from "../../tools/doubles/telegram.ts";
import { type Gateway, startGateway } from "./support/gateway.ts";

/**
 * From this date on a Durable Object's methods can be called, as the sessions' are: wrangler.toml can have no
 * older one (https://developers.cloudflare.com/durable-objects/best-practices/create-durable-object-stubs-and-send-requests).
 */
const OLDEST_DATE = "2024-04-03";

const ROUTES = `
model: { default: m, provider: echo }
access: { strangers: answer }
`;

/**
 * Around the bundle: refuses, while its modules are evaluated, what only a request may do. The runtime itself
 * refuses timers and random values there, but starts with a fetch that fails later, and with an abort signal
 * on which the listeners of all requests would gather.
 */
const GUARDED = {
  "main.js": `
    import { lift } from "./guard.js";
    export * from "./index.js";
    export { default } from "./index.js";
    lift();`,
  "guard.js": `
    const refused = ["AbortController", "fetch"];
    const real = refused.map((name) => [name, globalThis[name]]);
    for (const name of refused)
      globalThis[name] = function () { throw new Error(name + " at module scope"); };
    export const lift = () => Object.assign(globalThis, Object.fromEntries(real));`,
};

let gateway: Gateway | undefined;
let telegram: TelegramDouble | undefined;
afterEach(async () => {
  await gateway?.stop();
  await telegram?.stop();
});

test("the Worker starts and answers under the oldest date, and does nothing at module scope", async () => {
  const files = { ...GUARDED, "index.js": await readFile(inject("worker").script, "utf8") };
  const modules = Object.entries(files).map(([path, contents]) => ({
    type: "ESModule" as const,
    path,
    contents,
  }));
  telegram = await startTelegram();
  gateway = await startGateway({
    routes: ROUTES,
    env: telegram.env,
    runtime: { compatibilityDate: OLDEST_DATE, modules },
  });
  expect((await gateway.fetch("/health")).status).toBe(200);
  await telegram.deliver(gateway.url, telegram.updates.direct({ id: 9801 }, "hello"));
  expect(await telegram.waitForMessages(9801, 1)).toMatchObject([{ text: "[m] hello" }]);
});
