import { readFileSync } from "node:fs";
import { join } from "node:path";
import { known } from "./known.ts";
import { SimulatedKv } from "./kv.ts";
import type { ObjectClass } from "./life.ts";
import type { Machine } from "./machine.ts";
import { importFromRoot } from "./modules.ts";
import { namespaceOf } from "./namespace.ts";
import { SimulatedObject } from "./object.ts";
import { SimulatedWorker, type WorkerModule } from "./worker.ts";

/** The Worker's code, as it is deployed. */
export interface Deployable {
  readonly worker: WorkerModule;
  /** Durable Object classes by binding. */
  readonly classes: ReadonlyMap<string, ObjectClass>;
  readonly kvBindings: readonly string[];
}

/** Loads the Worker and reads from wrangler.toml what is bound to it. The modules must be hooked before. */
export async function loadWorker(): Promise<Deployable> {
  const config = readFileSync(join(import.meta.dirname, "../../wrangler.toml"), "utf8");
  const loaded = await importFromRoot("src/index.ts");
  const classes = new Map<string, ObjectClass>();
  for (const [, binding = "", name = ""] of config.matchAll(/^name = "(\w+)"\nclass_name = "(\w+)"/gm)) {
    const found = loaded[name];
    if (!isClass(found)) throw new Error(`src/index.ts exports no class ${name}`);
    classes.set(binding, found);
  }
  const kvBindings = [...config.matchAll(/^\[\[kv_namespaces\]\]\nbinding = "(\w+)"/gm)].map(
    ([, binding = ""]) => binding,
  );
  const { default: worker } = loaded;
  if (!isWorker(worker)) throw new Error("src/index.ts has no fetch and scheduled");
  if (classes.size === 0 || kvBindings.length === 0) throw new Error("wrangler.toml binds nothing");
  return { worker, classes, kvBindings };
}

/** A deployed gateway: its Worker, its objects and its KV. */
export class Gateway {
  readonly worker: SimulatedWorker;
  readonly kv: ReadonlyMap<string, SimulatedKv>;
  readonly #objects = new Map<string, SimulatedObject>();

  constructor(code: Deployable, variables: { readonly [name: string]: string }, machine: Machine) {
    this.kv = new Map(code.kvBindings.map((binding) => [binding, new SimulatedKv(machine)]));
    const env: Record<string, unknown> = { ...variables, ...Object.fromEntries(this.kv) };
    for (const [binding, Class] of code.classes) {
      env[binding] = namespaceOf(machine, (name) =>
        this.#open(`${binding}/${name}`, name, Class, env, machine),
      );
    }
    this.worker = new SimulatedWorker(code.worker, env, machine);
  }

  /** Every object there has ever been. */
  objects(): SimulatedObject[] {
    return [...this.#objects.values()];
  }

  /** The object of a binding and a name, if there is one. */
  object(binding: string, name: string): SimulatedObject | undefined {
    return this.#objects.get(`${binding}/${name}`);
  }

  close(): void {
    for (const object of this.#objects.values()) object.storage.close();
  }

  #open(key: string, name: string, Class: ObjectClass, env: unknown, machine: Machine): SimulatedObject {
    return known(this.#objects, key, () => new SimulatedObject(name, Class, env, machine));
  }
}

const isClass = (value: unknown): value is ObjectClass => typeof value === "function";

function isWorker(value: unknown): value is WorkerModule {
  if (typeof value !== "object" || value === null) return false;
  return ["fetch", "scheduled"].every((name) => typeof Reflect.get(value, name) === "function");
}
