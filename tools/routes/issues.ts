import type * as z from "zod";
import { SOURCE_KINDS } from "../../src/message/platforms.ts";
import { nearest } from "../../src/text/nearest.ts";
import type { Path } from "./document.ts";

type Issue = z.core.$ZodIssue;

/** A schema error in a person's words. `key` is where it stands: at the last step's key, or at its value. */
export interface SchemaError {
  readonly path: Path;
  readonly part: "key" | "value";
  readonly message: string;
}

/** What zod found in `value`, one error for each thing to repair. */
export function schemaErrors(issues: readonly Issue[], value: unknown): SchemaError[] {
  return issues.flatMap((issue) => explain(issue, [], value));
}

function explain(issue: Issue, above: Path, file: unknown): SchemaError[] {
  const path = [...above, ...issue.path.map((step) => (typeof step === "symbol" ? String(step) : step))];
  const value = valueAt(file, path);
  const last = path.at(-1) ?? "the file";
  const subject = typeof last === "number" ? `item ${last + 1} of ${path.at(-2)}` : last;
  const here = (message: string): SchemaError[] => [{ path, part: "value", message }];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknownKey([...path, key], key, issue.message));
    case "invalid_union":
      return explainUnion(issue, path, subject, value, file);
    case "invalid_type":
      if (value === undefined) return here(`${subject} is missing`);
      if (typeof value === "number" && issue.expected === "int") {
        return here(`${subject} must be a whole number`);
      }
      return here(
        `${subject} must be ${kindName(issue.expected)}, not ${kindOf(value)}${quotes(issue.expected, value)}`,
      );
    case "invalid_value":
      return here(notOneOf(path, value, issue.values));
    case "invalid_key":
      return [
        { path, part: "key", message: `the name ${subject} ${issue.issues[0]?.message ?? "is not allowed"}` },
      ];
    default:
      return here(`${subject} ${issue.message}`);
  }
}

function unknownKey(path: Path, key: string, known: string): SchemaError {
  if (key === "split") {
    const message = "split belongs on a route, or on an object of platforms or by_source";
    return { path, part: "key", message };
  }
  const inSources = path.at(-2) === "by_source";
  const names = inSources ? SOURCE_KINDS : known.split(" ");
  const close = nearest(key, names);
  const what = inSources ? "source kind" : "key";
  const cure = close === null ? `; known here: ${names.join(", ")}` : hint(close);
  return { path, part: "key", message: `unknown ${what} ${quote(key)}${cure}` };
}

/** What makes a value one of the expected kind, where that is only a matter of quotes. */
function quotes(expected: string, value: unknown): string {
  if (expected === "string" && ["number", "boolean"].includes(typeof value)) return ": put it in quotes";
  const digits = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  return digits && ["number", "int"].includes(expected) ? ": write it without quotes" : "";
}

/** Of the ways in which a value could have been right, tells about the one that it comes nearest to. */
function explainUnion(
  issue: Issue,
  path: Path,
  subject: string,
  value: unknown,
  file: unknown,
): SchemaError[] {
  const here = (message: string): SchemaError[] => [{ path, part: "value", message }];
  if (value === undefined) return here(`${subject} is missing`);
  const ways = alternatives(issue);
  const ofItsKind = ways.find((way) => way.every((inner) => inner.path.length > 0 || !isMismatch(inner)));
  if (ofItsKind) return ofItsKind.flatMap((inner) => explain(inner, path, file));
  const values = ways.flatMap((way) =>
    way.flatMap((inner) => (inner.code === "invalid_value" ? inner.values.filter((one) => one !== "") : [])),
  );
  const scalar = typeof value !== "object" || value === null;
  if (values.length > 0 && scalar) return here(notOneOf(path, value, values));
  const kinds = ways.flatMap((way) =>
    way.flatMap((inner) => (inner.code === "invalid_type" ? [kindName(inner.expected)] : [])),
  );
  const names = [...new Set(kinds)].filter(
    (kind, _, all) =>
      !["empty", "a tuple"].includes(kind) && !(kind === "a number" && all.includes("a text")),
  );
  const cure =
    kinds.length === 0
      ? ""
      : quotes(kinds.includes("a text") ? "string" : names[0] === "a number" ? "number" : "", value);
  return here(
    `${subject} must be ${names.join(" or ") || "one of its known values"}, not ${kindOf(value)}${cure}`,
  );
}

/** The branches of a union and of the unions in it. */
function alternatives(issue: Issue): readonly (readonly Issue[])[] {
  if (issue.code !== "invalid_union") return [[issue]];
  return issue.errors.flatMap((way) => {
    const [only] = way;
    return way.length === 1 && only?.code === "invalid_union" && only.path.length === 0
      ? alternatives(only)
      : [way];
  });
}

/** Whether a value is of another kind. A list that is too long for an empty one is: only that way wants it empty. */
const isMismatch = (issue: Issue): boolean =>
  issue.code === "invalid_type" ||
  issue.code === "invalid_value" ||
  (issue.code === "invalid_format" && issue.format === "template_literal") ||
  (issue.code === "too_big" && issue.origin === "array" && issue.maximum === 0);

function notOneOf(path: Path, value: unknown, values: readonly unknown[]): string {
  const kinds = SOURCE_KINDS.every((kind) => values.includes(kind));
  const subject = kinds ? "source kind" : (path.findLast((step) => typeof step === "string") ?? "value");
  const known = values.map(String);
  const shown = typeof value === "string" ? quote(value) : kindOf(value);
  const close = typeof value === "string" ? nearest(value, known) : null;
  const cure = close === null ? `; one of ${known.slice(0, 8).join(", ")}` : hint(close);
  return `unknown ${subject} ${shown}${cure}`;
}

/** `; did you mean "owner"?`, or nothing. */
export const hint = (close: string | null): string =>
  close === null ? "" : `; did you mean ${quote(close)}?`;

/** A name from the file, short enough for a line. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);

const KINDS: { readonly [expected: string]: string } = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "empty",
  tuple: "a tuple",
};
const kindName = (expected: string): string => KINDS[expected] ?? expected;

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  return kindName(Array.isArray(value) ? "array" : typeof value);
}

export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== "object" || current === null) return undefined;
    current = Reflect.get(current, step);
  }
  return current;
}
