import { describe, expect, test } from "vitest";
import { nextRuns } from "../../tools/routes/cron.ts";
import { loadText } from "../../tools/routes/load.ts";
import { check, MODEL } from "./findings.ts";

const jobs = (...written: string[]): string =>
  [`${MODEL}homes: { telegram: "42" }`, "cron:", "  jobs:", ...written.map((job) => `    - ${job}`)].join(
    "\n",
  );
const JOB = "name: a, schedule: every 1h, prompt: p";

describe("cron", () => {
  test.each<[string, string[], string[]]>([
    [
      "a schedule that is none",
      ['{ name: a, schedule: "61 * * * *", prompt: p }'],
      [
        '5:28 error "61 * * * *" is no schedule: five fields, `every 2h` or an ISO time (Invalid value for minute: 61)',
      ],
    ],
    [
      "a time that is over",
      ['{ name: a, schedule: "2020-01-01T09:00", prompt: p }'],
      ['5:28 warning "2020-01-01T09:00" is never due any more'],
    ],
    [
      "a name given twice, in another case",
      [`{ ${JOB} }`, "{ name: A, schedule: every 2h, prompt: p }"],
      ['6:15 error another job is called "A" already'],
    ],
    [
      "a name that no session could have",
      ['{ name: "a:b", schedule: every 2h, prompt: p }'],
      ["5:15 error name must be letters, digits, dots and dashes, at most 64"],
    ],
    [
      "a place that there is not",
      [`{ ${JOB}, deliver: hom }`],
      ['5:58 error unknown place "hom" to deliver to; did you mean "home"?'],
    ],
    [
      "a chat by name",
      [`{ ${JOB}, deliver: "telegram:@ann" }`],
      [
        '5:58 error "telegram:@ann" is no place to deliver to: write telegram:CHAT or telegram:CHAT:THREAD, by number',
      ],
    ],
    [
      "an unknown key",
      [`{ ${JOB}, remembr: true }`],
      ['5:49 error unknown key "remembr"; did you mean "remember"?'],
    ],
    ["a job without a prompt", ["{ name: a, schedule: every 1h }"], ["5:7 error prompt is missing"]],
    [
      "a key that would go to another host",
      [`{ ${JOB}, base_url: "https://x.example/v1" }`],
      ["5:7 warning this job goes to x.example without a key: it needs its own api_key"],
    ],
  ])("%s", (_, written, findings) => {
    expect(check(jobs(...written))).toEqual(findings);
  });

  test("an unknown zone", () => {
    expect(check(`${MODEL}cron: { timezone: Europe/Berln }`)).toEqual([
      '2:19 error unknown time zone "Europe/Berln"; did you mean "Europe/Berlin"?',
    ]);
  });

  test("a home that is not there", () => {
    expect(check(`${MODEL}cron: { jobs: [{ ${JOB} }] }`)).toEqual([
      "2:16 warning homes names none: until /sethome makes one, answers and failures are only in the log",
    ]);
  });

  test("compiles to whole rules; alone it says only when", () => {
    expect(loadText(`${MODEL}cron: {}`, "f").compiled?.cron).toEqual({
      timezone: "UTC",
      grace_minutes: 30,
      jobs: [],
    });
    expect(loadText(MODEL, "f").compiled).not.toHaveProperty("cron");
  });

  test("the next runs of working days go over the change of the clock", () => {
    const rules = { timezone: "Europe/Berlin", grace_minutes: 30 };
    const job = { name: "a", schedule: "0 9 * * 1-5", prompt: "p", deliver: "log" };
    expect(nextRuns({ ...rules, jobs: [job] }, 2, Date.parse("2026-10-23T09:00:00+02:00"))).toEqual([
      "job a to log: 2026-10-26T09:00+01:00, 2026-10-27T09:00+01:00",
    ]);
  });
});
