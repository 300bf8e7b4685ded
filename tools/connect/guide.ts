import * as prompts from "@clack/prompts";
import * as z from "zod";
import { PLATFORM_FACTS } from "../../src/message/platforms.ts";
import { pause } from "../lib/wait.ts";
import { callTelegram } from "./api.ts";
import { askModel, type ModelAndKey } from "./ask-model.ts";
import { askPlatform } from "./ask-platform.ts";
import { findGateway } from "./gateway.ts";
import { type ConnectOptions, isWorkersDev, readUrl } from "./options.ts";
import { awaitOwner, codeLink, newCode } from "./owner.ts";
import type { Step } from "./plan.ts";
import { allHere, isMeant, PLATFORMS } from "./platforms.ts";
import { answered, Cancelled } from "./prompt.ts";
import type { ModelAnswers } from "./routes-file.ts";
import type { Values } from "./secrets.ts";
import { askBot, type WebhookInfo, webhookInfo } from "./telegram.ts";

/** Where the gateway is. */
export interface Place {
  readonly url: string;
  readonly deployed: boolean;
}

/** What a person, or a default, says. */
export interface Answers extends Place {
  /** Secrets that were given. */
  readonly values: Values;
  /** For a routes file of one's own; null where there is one, or none is wanted. */
  readonly model: ModelAnswers | null;
}

/** What there is before anything is asked. */
export interface Question {
  readonly options: ConnectOptions;
  /** What is taken for the gateway's place where nobody says otherwise. */
  readonly place: Place;
  readonly known: Values;
  /** Secrets that the routes file names and nobody has set; null where there is no routes file of one's own. */
  readonly unset: readonly string[] | null;
}

/** A gateway that a person is to start or to deploy. */
export interface WantedGateway {
  readonly url: string;
  /** Of its routes. */
  readonly hash: string;
  /** What starts it. */
  readonly command: string;
  /** Absent where it has no secrets yet. */
  readonly admin_token?: string | undefined;
}

/** Asks a person what cannot be found out. Whoever cancels gets `Cancelled`. */
export interface Guide {
  ask(question: Question): Promise<Answers>;
  /** The id of whoever sends the code; null if nobody does. */
  findOwner(values: Values): Promise<string | null>;
  /** Waits until the gateway runs as it is wanted. */
  awaitGateway(wanted: WantedGateway): Promise<void>;
  confirm(steps: readonly Step[]): Promise<boolean>;
}

const POLL_MS = 500;

/** The guide in a terminal. */
export const terminalGuide: Guide = {
  async ask({ options, place: named, known, unset }) {
    prompts.intro("Talaria: from your tokens to a bot that answers");
    const set = PLATFORMS.filter((name) => isMeant(name, known));
    const rest = PLATFORMS.filter((name) => !set.includes(name));
    const chosen = rest.length === 0 ? [] : await choose(rest, set.length === 0);
    let values: Values = {};
    for (const name of chosen) values = { ...values, ...(await askPlatform(name, { ...known, ...values })) };
    const all = { ...known, ...values };
    // Where all platforms are doubles on this machine, so is the gateway.
    const place = options.named || allHere(all) ? named : await askPlace(named, all);
    for (const name of unset ?? []) values = { ...values, ...(await askNamed(name)) };
    const asksModel = unset === null && options.model === null;
    const { model, key }: ModelAndKey = asksModel ? await askModel(all) : { model: options.model, key: {} };
    return { ...place, values: { ...values, ...key }, model };
  },

  async findOwner(values) {
    const me = await askBot(values);
    const webhook = await webhookInfo(values);
    if (!me.ok || !webhook.ok) return null;
    if (!(await freed(webhook.value, values))) return null;
    const code = newCode();
    prompts.note(
      `Send this code to @${me.value.username}:  ${code}\nor open ${codeLink(me.value.username, code)} and press Start.`,
      "Who is the owner?",
    );
    const spinner = prompts.spinner();
    spinner.start("Waiting for the code");
    const owner = await awaitOwner(values, code);
    if (!owner.ok) {
      spinner.error(owner.error);
      return null;
    }
    const { id, name, others } = owner.value;
    spinner.stop(
      `${name} (${id}) is the owner${others > 0 ? `; other messages that came meanwhile get no answer: ${others}` : ""}`,
    );
    const text = "You are the owner of this bot. It answers as soon as it is connected.";
    await callTelegram(values, "sendMessage", { chat_id: owner.value.id, text }, z.unknown());
    return id;
  },

  async awaitGateway({ url, hash, command, admin_token }) {
    const ready = async () => {
      const state = await findGateway(url, admin_token);
      if (typeof state === "string" || state.routes !== hash) return false;
      return admin_token === undefined || state.platforms !== undefined;
    };
    if (await ready()) return;
    prompts.note(
      `In another terminal, in this folder:\n\n  ${command}`,
      "Start the gateway (again, if it runs)",
    );
    const spinner = prompts.spinner();
    spinner.start(`Waiting for it at ${url}`);
    while (!(await ready())) {
      if (spinner.isCancelled) throw new Cancelled();
      await pause(POLL_MS);
    }
    spinner.stop(`The gateway runs at ${url}`);
  },

  async confirm(steps) {
    prompts.note(steps.map(({ about, text }) => `${about}: ${text}`).join("\n"), "What will be set");
    return answered(await prompts.confirm({ message: "Set it?" }));
  },
};

async function choose(rest: readonly (typeof PLATFORMS)[number][], required: boolean) {
  const message = required ? "Which platforms?" : "Which further platforms?";
  const options = rest.map((value) => ({ value, label: PLATFORM_FACTS[value].title }));
  return answered(await prompts.multiselect({ message, options, required }));
}

/** A secret of the routes file; nothing where it is left out. */
async function askNamed(name: string): Promise<Values> {
  const message = `${name}, which the routes file names (empty: left out for now)`;
  const value = answered(await prompts.password({ message })) ?? "";
  return value.trim() === "" ? {} : { [name]: value.trim() };
}

/** Where the gateway is. */
async function askPlace({ url }: Place, values: Values): Promise<Place> {
  const place = answered(
    await prompts.select({
      message: "Where does the gateway run?",
      options: [
        { value: "worker", label: "On Cloudflare, deployed with npm run deploy" },
        { value: "tunnel", label: "On this machine, behind a tunnel" },
        {
          value: "nowhere",
          label: "On this machine, not reachable yet",
          hint: "the platforms get no address",
        },
      ],
    }),
  );
  if (place === "nowhere") return { url, deployed: false };
  const placeholder =
    place === "worker" ? "https://talaria.<you>.workers.dev" : "https://<name>.trycloudflare.com";
  const initialValue = await knownPlace(values);
  const text = await prompts.text({
    message: "Its address?",
    placeholder,
    initialValue,
    validate: urlProblem,
  });
  const address = readUrl(answered(text));
  return { url: address, deployed: place === "worker" || isWorkersDev(address) };
}

/** The address that Telegram delivers to, where that is a gateway's; else empty. */
async function knownPlace(values: Values): Promise<string> {
  const webhook = isMeant("telegram", values) ? await webhookInfo(values) : null;
  const found = webhook?.ok ? /^(https:.*)\/webhooks\/telegram$/.exec(webhook.value.url) : null;
  return found?.[1] ?? "";
}

function urlProblem(text: string | undefined): string | undefined {
  try {
    return new URL(readUrl(text ?? "")).protocol === "https:" ? undefined : "It must begin with https://";
  } catch {
    return "It must be an address, such as https://talaria.you.workers.dev";
  }
}

/** Telegram gives updates to a webhook or to who asks, not to both. */
async function freed({ url }: WebhookInfo, values: Values): Promise<boolean> {
  if (url === "") return true;
  const message = `The bot's webhook is ${url}. To find its owner it is taken away for a moment, and set again below. Go on?`;
  if (!answered(await prompts.confirm({ message }))) return false;
  return (await callTelegram(values, "deleteWebhook", {}, z.unknown())).ok;
}
