import { afterAll, beforeAll, expect, test } from "vitest";
import { disconnect } from "../../../tools/connect/disconnect.ts";
import { readDisconnect } from "../../../tools/connect/options.ts";
import { envLines, OWN_ROUTES, type Stage, startStage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  stage.write("routes.local.yaml", OWN_ROUTES);
  stage.write(".dev.vars", envLines({ ...stage.cast.env, ADMIN_TOKEN: "a" }));
  stage.restart();
  expect(await stage.run()).toMatchObject({ ok: true });
});
afterAll(() => stage.stop());

async function run(...args: string[]): Promise<string> {
  const options = readDisconnect(args, {}, stage.folder);
  const lines: string[] = [];
  if (options === null) throw new Error("asked for its usage");
  await disconnect(options, {}, (line) => void lines.push(line));
  return lines.join("\n");
}

test("what belongs to another gateway stays, --dry-run takes nothing, then all is taken back once", async () => {
  const { telegram, discord } = stage.cast;
  const other = await run("--url", "https://other.example", "--dry-run");
  expect(other).toMatch(/webhook: http.*, not this gateway's/);
  expect(other).toMatch(/interactions endpoint: http.*, not this gateway's/);
  expect(other).toMatch(/callback: http.*, not this gateway's/);

  const dry = await run("--url", stage.gateway.url, "--dry-run");
  expect(dry).toMatch(/^would change .*webhook: none/m);
  expect(telegram.registration.webhook.url).toBe(`${stage.gateway.url}/webhooks/telegram`);

  const out = await run("--url", stage.gateway.url);
  expect(out).toMatch(/^changed .*callback: none/m);
  expect(telegram.registration.webhook.url).toBe("");
  expect(telegram.registration.commands.size).toBe(0);
  expect(discord.application.interactions_endpoint_url).toBeNull();
  expect(discord.callsOf("put_commands").at(-1)?.body.list).toEqual([]);

  expect(await run("--url", stage.gateway.url)).toMatch(/^Nothing was changed\.$/m);
});
