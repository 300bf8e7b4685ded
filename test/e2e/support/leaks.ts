import type { Received } from "../../support/inference.ts";
import type { World } from "./world.ts";

/** The secrets by name that stand in a text. A public key is none. */
function secretsIn(text: string, env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env)
    .filter(
      ([name, value]) => /(KEY|TOKEN|SECRET)$/.test(name) && !name.includes("PUBLIC") && text.includes(value),
    )
    .map(([name]) => name);
}

/** The gateway's secrets, by name, that it wrote to its log. */
export const secretsInLog = ({ gateway, env }: Pick<World, "gateway" | "env">): string[] =>
  secretsIn(gateway.output.join("\n"), env);

/** The gateway's secrets, by name, that these requests brought to an endpoint. */
export const secretsSent = (requests: readonly Received[], { env }: Pick<World, "env">): string[] =>
  secretsIn(JSON.stringify(requests), env);
