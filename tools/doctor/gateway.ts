import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { endpointOf } from "../connect/discord.ts";
import { findGateway, type GatewayState, knock, knockAsTelegram } from "../connect/gateway.ts";
import { callbackOf } from "../connect/hub.ts";
import { isMeant, PLATFORMS } from "../connect/platforms.ts";
import { routesSecrets, type Values } from "../connect/secrets.ts";
import { webhookOf } from "../connect/telegram.ts";
import { ROOT } from "../lib/wrangler.ts";
import { platformsFor } from "../routes/platforms.ts";
import { type Finding, fine, wrong } from "./finding.ts";

const ABOUT = "gateway";
const RESTART = "start it again (npm start), or npm run deploy";

export interface GatewayQuestion {
  readonly url: string;
  /** Whether a person gave the address. */
  readonly named: boolean;
  readonly values: Values;
  readonly compiled: CompiledRoutes | null;
  /** The routes file, as people are told it. */
  readonly routes: string;
}

/** Tries the gateway: that it runs, with these secrets, routes and version, and takes what the platforms send. */
export async function tryGateway(question: GatewayQuestion): Promise<{
  readonly findings: Finding[];
  readonly date_ms: number | null;
}> {
  const { url, values } = question;
  const state = await findGateway(url, values.ADMIN_TOKEN);
  if (typeof state === "string") {
    const start = question.named
      ? "see that this is the gateway's address, and that it runs there"
      : "npm start, or npm run deploy and --url with its address";
    return { findings: [wrong("error", ABOUT, `none at ${url} (${state})`, start)], date_ms: null };
  }
  const findings = [
    ...compare(state, question),
    ...secrets(state, question),
    ...storage(state),
    ...(await knocks(question)),
  ];
  return { findings, date_ms: state.date_ms };
}

/** Version and routes, against those of this checkout. */
function compare(state: GatewayState, { url, compiled, routes }: GatewayQuestion): Finding[] {
  const own = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));
  const version =
    state.version === own.version
      ? fine(ABOUT, `${url} runs version ${state.version}`)
      : wrong(
          "warning",
          ABOUT,
          `it runs version ${state.version}, and this checkout is ${own.version}`,
          RESTART,
        );
  if (compiled === null) return [version];
  const text = `it runs the routes ${state.routes}, and ${routes} compiles to ${compiled.hash}`;
  const same = state.routes === compiled.hash;
  return [
    version,
    same ? fine(ABOUT, `it runs ${routes}, ${state.routes}`) : wrong("warning", ABOUT, text, RESTART),
  ];
}

/** What is set there, of what is set or named here. */
function secrets(state: GatewayState, { values, compiled }: GatewayQuestion): Finding[] {
  if (values.ADMIN_TOKEN === undefined) {
    const text = "ADMIN_TOKEN is not set, so it does not say which secrets it has";
    return [wrong("warning", ABOUT, text, "npm run connect makes one")];
  }
  if (state.platforms === undefined) {
    return [wrong("error", ABOUT, "it has another ADMIN_TOKEN than the one that is set here", RESTART)];
  }
  const missing = state.missing_secrets ?? [];
  const off = PLATFORMS.filter((name) => isMeant(name, values) && state.platforms?.[name] !== "on").map(
    (name) => {
      if (compiled !== null && !platformsFor(compiled).some((platform) => platform.name === name)) {
        const text = `${PLATFORM_FACTS[name].title} is off: with these routes nobody there is answered`;
        return wrong("warning", ABOUT, text, "look at access: in the routes file");
      }
      const names = PLATFORM_FACTS[name].secrets.filter((secret: string) => missing.includes(secret));
      const text = `it has ${PLATFORM_FACTS[name].title} off: ${names.join(", ") || "a secret"} is not set there`;
      return wrong("error", ABOUT, text, `npm run connect for a deployed one; else ${RESTART}`);
    },
  );
  const unset = routesSecrets(compiled).filter((name) => missing.includes(name));
  const named = unset.map((name) =>
    wrong(
      "error",
      ABOUT,
      `${name}, which its routes name, is not set there`,
      `npx wrangler secret put ${name}, or ${RESTART}`,
    ),
  );
  return off.length + named.length > 0
    ? [...off, ...named]
    : [fine(ABOUT, "it has the secrets that it needs")];
}

/** Whether it can read what it has stored; only a gateway that takes our ADMIN_TOKEN says so. */
function storage({ storage: state }: GatewayState): Finding[] {
  if (state === undefined) return [];
  if (state === "ok") return [fine("storage", "the gateway reads KV and Durable Objects")];
  const cure =
    "see https://www.cloudflarestatus.com, and whether the namespace and the objects of wrangler.toml exist";
  return [wrong("error", "storage", `the gateway cannot read KV or Durable Objects: ${state}`, cure)];
}

/** What each webhook answers to what means nothing to it, or proves nothing. */
async function knocks({ url, values }: GatewayQuestion): Promise<Finding[]> {
  const findings: Promise<Finding>[] = [];
  const secret = values.TELEGRAM_WEBHOOK_SECRET;
  if (isMeant("telegram", values) && secret !== undefined) {
    findings.push(
      knockAsTelegram(webhookOf(url), secret).then((status) =>
        judge("Telegram", status, 200, "it refuses TELEGRAM_WEBHOOK_SECRET as it is set here"),
      ),
    );
  }
  if (isMeant("discord", values)) {
    // Unsigned, as Discord itself tries endpoints.
    findings.push(
      knock(endpointOf(url), { type: 1 }).then((status) =>
        judge("Discord", status, 401, "it takes what is not signed"),
      ),
    );
  }
  if (isMeant("hub", values)) {
    const test = { type: "callback_test", from: "hub", message: "Callback verification test" };
    findings.push(
      knock(callbackOf(url, values), test).then((status) =>
        judge("Hub", status, 200, "it refuses HUB_WEBHOOK_TOKEN as it is set here"),
      ),
    );
  }
  return Promise.all(findings);
}

function judge(title: string, status: number | null, wanted: number, otherwise: string): Finding {
  const about = ABOUT;
  if (status === wanted) return fine(about, `its webhook for ${title} is reached, and answers as it should`);
  if (status === null) return wrong("error", about, `its webhook for ${title} does not answer`, RESTART);
  if (status === 404)
    return wrong("error", about, `its webhook for ${title} is off`, `set the secrets there: ${RESTART}`);
  const text = status === 401 || wanted === 401 ? otherwise : `its webhook for ${title} answers ${status}`;
  return wrong("error", about, text, RESTART);
}
