import { expect, test } from "vitest";
import { picker, readPick } from "../../src/commands/picker.ts";
import { routesWith } from "../support/setup.ts";

const named = (count: number) =>
  routesWith({
    models: Object.fromEntries(Array.from({ length: count }, (_, n) => [`model-${n}`, { model: `id-${n}` }])),
  });
const labels = (buttons: readonly { label: string }[] = []) => buttons.map(({ label }) => label);

/** What a button says behind /model. */
const argsOf = (button: { command: string } | undefined): string =>
  button?.command.replace(/^\/model /, "") ?? "";

test("offers ten models a page, with the way to the pages beside it, and marks the one that is chosen", () => {
  const routes = named(25);
  const first = picker(routes, "model-3", 0);
  expect(labels(first.choices)).toHaveLength(10);
  expect(labels(first.choices)[3]).toBe("✓ model-3");
  expect(labels(first.actions)).toEqual(["›", "Back to the route"]);
  expect(readPick(argsOf(first.actions?.[0]), routes)).toEqual({ page: 1 });
  expect(labels(picker(routes, undefined, 1).actions)).toEqual(["‹", "›"]);
  const last = picker(routes, undefined, 2);
  expect(labels(last.choices)).toEqual([20, 21, 22, 23, 24].map((n) => `model-${n}`));
  expect(labels(last.actions)).toEqual(["‹"]);
  expect(readPick(argsOf(last.choices?.[4]), routes)).toEqual({ name: "model-24" });
});

test("notices that the list has changed since, and takes what somebody typed for a name", () => {
  const args = argsOf(picker(named(3), undefined, 0).choices?.[1]);
  expect(readPick(args, named(3))).toEqual({ name: "model-1" });
  expect(readPick(args, named(2))).toBe("outdated");
  expect(readPick(args.replace(/\d+$/, "7"), named(3))).toBe("outdated");
  for (const typed of ["fast", "@fast", "reset", ""]) expect(readPick(typed, named(3))).toBeNull();
});

test("a button fits where names do not", () => {
  const routes = routesWith({ models: { ["ü".repeat(100)]: { model: "m" } } });
  expect(picker(routes, undefined, 0).choices?.[0]?.command.length).toBeLessThan(40);
});

test("without models there is nothing to press", () => {
  expect(picker(routesWith(), undefined, 0)).toEqual({ choices: [], actions: [] });
});
