import type { Path } from "./document.ts";
import type { SchemaError } from "./issues.ts";

/** Lists and records of the model block whose entries stand alone: one that is broken does not spoil the others. */
const COLLECTIONS = ["routes", "platforms", "by_source"];

/**
 * A copy of the value without what the errors are about: the unknown key, the broken route, the broken setting.
 * `indexes` are the places in the file of the routes that are left.
 */
export function prune(
  value: unknown,
  errors: readonly SchemaError[],
): { readonly value: unknown; readonly indexes: readonly number[] } {
  const copy: unknown = errors.length === 0 ? value : structuredClone(value);
  const broken = new Set<number>();
  for (const error of errors) {
    const cut = cutOf(error);
    const last = cut.at(-1);
    const parent = cut.slice(0, -1).reduce<unknown>(child, copy);
    if (Array.isArray(parent) && typeof last === "number") broken.add(last);
    else if (typeof parent === "object" && parent !== null && last !== undefined) {
      Reflect.deleteProperty(parent, last);
    }
  }
  const model = child(copy, "model");
  const routes = child(model, "routes");
  if (typeof model !== "object" || model === null || !Array.isArray(routes))
    return { value: copy, indexes: [] };
  const indexes = routes.map((_, index) => index).filter((index) => !broken.has(index));
  if (broken.size > 0)
    Reflect.set(
      model,
      "routes",
      routes.filter((_, index) => !broken.has(index)),
    );
  return { value: copy, indexes };
}

/** What to cut out for this error: an unknown key alone, else the whole entry that holds it. */
function cutOf({ path, part }: SchemaError): Path {
  if (part === "key" && !path.includes("match")) return path;
  const [top, second] = path;
  if (top === "model") return path.slice(0, COLLECTIONS.includes(String(second)) ? 3 : 2);
  return path.slice(0, top === "models" || top === "prices" ? 2 : 1);
}

function child(value: unknown, step: string | number): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, step) : undefined;
}
