import type { JobState } from "../env.ts";
import { timeIn } from "../lib/zone.ts";
import type { Command } from "./command.ts";
import { unknownInWords } from "./words.ts";

const ACTIONS = ["run", "pause", "resume"] as const;

export const cron: Command = {
  name: "cron",
  summary: "List the scheduled jobs: /cron run NAME, /cron pause NAME, /cron resume NAME",
  argument: { name: "action", summary: "run, pause or resume, and a job's name" },
  access: ["owner"],
  choices: (typed, { cron }) =>
    (cron?.jobs ?? [])
      .flatMap(({ name }) => ACTIONS.map((action) => `${action} ${name}`))
      .filter((choice) => choice.toLowerCase().includes(typed.toLowerCase()))
      .map((choice) => ({ name: choice, value: choice })),
  async run(args, { session, routes, kind }) {
    // Whatever access.commands says: what a job finds out is meant for the owner.
    if (kind !== "owner") return "Only an owner can see the jobs.";
    const { jobs = [], timezone = "UTC" } = routes.cron ?? {};
    const scheduler = session.scheduler();
    if (jobs.length === 0) return "There are no jobs here: routes.yaml names them in `cron:`.";
    if (args === "") return (await scheduler.jobs()).map((job) => inWords(job, timezone)).join("\n");
    const [word = "", given = ""] = args.split(/\s+/);
    const action = ACTIONS.find((one) => one === word.toLowerCase());
    if (!action || given === "") return "That is /cron run NAME, /cron pause NAME or /cron resume NAME.";
    const names = jobs.map(({ name }) => name);
    const name = names.find((one) => one.toLowerCase() === given.toLowerCase());
    if (name === undefined) return `${unknownInWords("job", given, names)} /cron lists the jobs.`;
    if (action === "run") {
      await scheduler.runJob(name);
      return `${name} runs now.`;
    }
    await scheduler.pauseJob(name, action === "pause");
    if (action === "pause") return `${name} is paused: /cron resume ${name} goes on.`;
    const job = (await scheduler.jobs()).find((one) => one.name === name);
    return job ? inWords(job, timezone) : `${name} goes on.`;
  },
};

function inWords({ name, next_at, paused, last_at }: JobState, zone: string): string {
  const next = paused ? "paused" : next_at === null ? "no more runs" : `next ${timeIn(next_at, zone)}`;
  const last = last_at === null ? "" : `, last ${timeIn(last_at, zone)}`;
  return `\`${name}\`: ${next}${last}`;
}
