import * as z from "zod";
import { routesFile } from "./schema.ts";

/** A JSON Schema, as far as it is read here. */
interface Schema {
  readonly type?: string | readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly deprecated?: boolean | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly const?: unknown;
  readonly maxItems?: number | undefined;
  readonly anyOf?: readonly Schema[] | undefined;
  readonly allOf?: readonly Schema[] | undefined;
  readonly items?: readonly Schema[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly additionalProperties?: Schema | boolean | undefined;
}

const schema: z.ZodType<Schema> = z.lazy(() =>
  z.looseObject({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    description: z.string().optional(),
    deprecated: z.boolean().optional(),
    enum: z.array(z.unknown()).optional(),
    maxItems: z.number().optional(),
    anyOf: z.array(schema).optional(),
    allOf: z.array(schema).optional(),
    items: z.union([z.array(schema), schema.transform((one) => [one])]).optional(),
    properties: z.record(z.string(), schema).optional(),
    additionalProperties: z.union([schema, z.boolean()]).optional(),
  }),
);

const HEAD = `# routes.yaml, key by key

Made from the schema by \`npm run reference\`. What the keys mean together stands in [contract.md](contract.md), an example of each in [routes.yaml](../routes.yaml). \`npm run check\` finds what does not fit. An empty value (null, \`""\`, \`[]\`) is as if the key were not there.

`;

/** What one value may be, and the objects in it whose keys are told in tables of their own. */
interface Shape {
  readonly words: readonly string[];
  readonly objects: readonly { readonly path: string; readonly keys: Readonly<Record<string, Schema>> }[];
}

/** The reference as Markdown: a table for the file, and one for each kind of object in it. */
export function reference(): string {
  const root = schema.parse(z.toJSONSchema(routesFile, { io: "input", target: "draft-7", reused: "inline" }));
  const tables = new Map<string, string>();
  const seen = new Map<string, string>();
  table("routes.yaml", root.properties ?? {}, tables, seen);
  return HEAD + [...tables].map(([path, text]) => `## \`${path}\`\n\n${text}`).join("\n");
}

function table(
  path: string,
  keys: Readonly<Record<string, Schema>>,
  tables: Map<string, string>,
  seen: Map<string, string>,
): void {
  const own = Object.entries(keys).filter(([, value]) => value.deprecated !== true);
  const identity = own.map(([key]) => key).join();
  if (seen.has(identity)) {
    tables.set(path, `The keys of \`${seen.get(identity)}\`.\n`);
    return;
  }
  seen.set(identity, path);
  const prefix = path === "routes.yaml" ? "" : `${path}.`;
  const shapes = own.map(([key, value]) => [key, value, shapeOf(value, prefix + key)] as const);
  const all = shapes.map(
    ([key, value, { words }]) =>
      `| \`${key}\` | ${[...new Set(words)].join(" or ")} | ${cell(aboutOf(value))} |\n`,
  );
  // What each block that names an endpoint may hold stands once, in the model block's table.
  const shared = all.filter((row) => path !== "model" && tables.get("model")?.includes(row));
  const rows = all.filter((row) => !shared.includes(row));
  const head = rows.length === 0 ? "" : `| key | is | for |\n|---|---|---|\n${rows.join("")}`;
  const rest = shared.length === 0 ? "" : "\nBeside these, an endpoint's keys, as in `model`.\n";
  tables.set(path, head + rest);
  for (const [, , { objects }] of shapes) {
    for (const { path: inner, keys: innerKeys } of objects) table(inner, innerKeys, tables, seen);
  }
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
const aboutOf = (value: Schema): string =>
  value.description ?? [...(value.allOf ?? []), ...(value.anyOf ?? [])].map(aboutOf).find(Boolean) ?? "";

const NOTHING: Shape = { words: [], objects: [] };

function shapeOf(value: Schema, path: string): Shape {
  const parts = [...(value.anyOf ?? []), ...(value.allOf ?? [])];
  if (parts.length > 0) {
    const shapes = parts.map((part) => shapeOf(part, path));
    return { words: shapes.flatMap(({ words }) => words), objects: shapes.flatMap(({ objects }) => objects) };
  }
  // Hermes's ways to say nothing, and its words, are told once and for all above.
  if (value.type === "null" || value.const === "" || value.deprecated || value.maxItems === 0) return NOTHING;
  if (value.enum !== undefined) return { words: value.enum.map((one) => `\`${String(one)}\``), objects: [] };
  if (value.const !== undefined) return { words: [`\`${String(value.const)}\``], objects: [] };
  if (value.properties !== undefined) {
    return { words: ["an object"], objects: [{ path, keys: value.properties }] };
  }
  if (value.type === "array") {
    const inner = shapeOf(value.items?.[0] ?? {}, `${path}[]`);
    return {
      words: [`a list of ${[...new Set(inner.words)].join(" or ") || "anything"}`],
      objects: inner.objects,
    };
  }
  if (typeof value.additionalProperties === "object") {
    const inner = shapeOf(value.additionalProperties, `${path}.NAME`);
    const each = [...new Set(inner.words)].join(" or ") || "anything";
    return { words: [`names, each with ${each}`], objects: inner.objects };
  }
  const type = [value.type].flat()[0];
  const words: { readonly [type: string]: readonly string[] } = {
    string: ["a text"],
    number: ["a number"],
    integer: ["a whole number"],
    boolean: ["`true`", "`false`"],
  };
  return { words: words[type ?? ""] ?? ["anything"], objects: [] };
}
