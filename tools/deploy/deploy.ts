import { CHATS, hasChat } from "../lib/chats.ts";
import { secretsOf } from "../routes/bundles.ts";
import { isDemo } from "../routes/demo.ts";
import { formatFinding } from "../routes/findings.ts";
import { loadRoutes } from "../routes/load.ts";
import { refusals } from "./refusals.ts";
import type { Cloudflare } from "./wrangler.ts";

export interface Deployment {
  readonly file: string;
  readonly cloudflare: Cloudflare;
  /** Whether Cloudflare itself builds and deploys a repository. */
  readonly inBuilds: boolean;
  say(line: string): void;
}

/** Checks the routes, deploys the Worker, and says what is to be done next. Resolves with the exit code. */
export async function deploy({ file, cloudflare, inBuilds, say }: Deployment): Promise<number> {
  const { findings, compiled } = loadRoutes(file);
  for (const finding of findings) say(formatFinding(finding));
  if (compiled === null) return 1;
  // A button deploys a repository before anybody could edit it; with every platform off nobody is answered.
  const mayPass = inBuilds && isDemo(compiled) && !(await hasPlatform(cloudflare));
  const unsafe = [
    ...(mayPass ? [] : refusals(compiled, findings, file)),
    // The Worker would fail at every message.
    ...findings.filter(({ message }) => message.startsWith("workers-ai needs")).map(({ message }) => message),
  ];
  if (unsafe.length > 0) {
    say(`\nNot deployed with ${file}:`);
    for (const line of unsafe) say(`  · ${line}`);
    return 1;
  }
  say(`Deploying with ${file} …`);
  const targets = await cloudflare.deploy(file);
  if (targets === null) {
    say("\nWrangler did not deploy; what it says stands above. Without a login: npx wrangler login");
    return 1;
  }
  const url = targets.find((target) => target.startsWith("https://"));
  say(`\nDeployed${url === undefined ? "." : ` to ${url}`}`);
  sayNext(await cloudflare.secrets(), secretsOf(compiled), url ?? "https://<your worker>", say);
  return 0;
}

/** Whether the Worker has a secret of any platform; one that does not exist yet has none. */
async function hasPlatform(cloudflare: Cloudflare): Promise<boolean> {
  const set = (await cloudflare.secrets()) ?? [];
  return hasChat((name) => set.includes(name));
}

function sayNext(
  set: readonly string[] | null,
  routed: readonly string[],
  url: string,
  say: (line: string) => void,
): void {
  if (set === null) {
    say("Its secrets could not be listed: npx wrangler secret list");
    return;
  }
  const has = (name: string) => set.includes(name);
  const begun = CHATS.filter(({ secrets }) => secrets.some(has));
  const unset = [...routed, ...begun.flatMap(({ secrets }): readonly string[] => secrets)].filter(
    (name) => !has(name),
  );
  if (begun.length === 0) {
    const names = CHATS.map(({ title, secrets }) => `${title}: ${secrets.join(", ")}`);
    say(`No platform is set up yet. Each needs its secrets:\n${names.map((line) => `  ${line}`).join("\n")}`);
  }
  if (unset.length > 0) say(`Secrets that are not set: ${unset.join(", ")}`);
  say("Next, its secrets, webhooks and commands, with one command that asks for what it lacks:");
  say(`  npm run connect -- --url ${url}`);
}
