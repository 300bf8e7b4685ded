import { basename } from "node:path";
import { hasMark, placeNames } from "../../src/lib/template.ts";
import type { Bundle, CompiledRoutes } from "../../src/routing/types.ts";
import { bundlesOf } from "../routes/bundles.ts";
import { DEMO_OWNER, isDemo } from "../routes/demo.ts";
import { isCredentialHeader } from "../routes/endpoint.ts";
import type { Finding } from "../routes/findings.ts";
import { IS_OF_DEMO } from "../routes/reach.ts";

/**
 * Why these routes must not go to a public address, one line each with what to do; empty where they may.
 * @param findings what there is to say about the file that they are of
 */
export function refusals(routes: CompiledRoutes, findings: readonly Finding[], file: string): string[] {
  if (isDemo(routes)) {
    // What connect finds in a person's own file stays.
    const cure = basename(file) === "routes.yaml" ? "" : `delete ${file}, then `;
    return [
      `${file} has the demo's routes, which name no owner and only repeat what is written: ${cure}npm run connect makes routes of your own model, key and id`,
    ];
  }
  const bundles = bundlesOf(routes).map(({ where, bundle }) => faultOf(bundle, where));
  return [...new Set([...peopleOf(routes), ...bundles.flat(), ...modelsOf(findings)])];
}

/** Models of the demo that a real endpoint would be asked for: whoever gets one is not answered. */
function modelsOf(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ message }) => message.includes(IS_OF_DEMO))
    .map(
      ({ file, line, message }) => `${file}:${line} ${message}. Name a model of yours, or delete the entry`,
    );
}

/** That the demo's owner is one of these, in a line for a person; null where it is not. */
export function demoOwner({ owners }: Pick<CompiledRoutes, "owners">): string | null {
  return Object.values(owners).flat().includes(DEMO_OWNER)
    ? `owners names ${DEMO_OWNER}, who is the demo's and somebody else on Telegram: put your own id there (/whoami shows it)`
    : null;
}

function peopleOf({ owners, homes, access }: CompiledRoutes): string[] {
  const foreign = demoOwner({ owners });
  if (foreign !== null) return [foreign];
  const ids = Object.values(owners).flat();
  if (ids.length > 0 || Object.keys(homes).length > 0) return [];
  const what =
    access.strangers === "ignore" ? "nobody is answered" : "nobody may change the model or stop a stranger";
  return [`there is no owner, so ${what}: name yourself in owners, as in { telegram: ["your id"] }`];
}

function faultOf(bundle: Bundle, where: string): string[] {
  if (bundle.provider === "echo") {
    return [`${where} answers with provider echo, which only repeats what was written: name a real provider`];
  }
  const literal = literalOf(bundle);
  return [
    ...(literal === null
      ? []
      : [
          `${where} has a literal ${literal}, which would be readable in the Worker: write \${NAME}, and set that secret`,
        ]),
    ...(isLoopback(bundle.base_url)
      ? [
          `${where} goes to ${bundle.base_url}, which is this machine and not Cloudflare's: give it a public base_url`,
        ]
      : []),
  ];
}

/** Where a credential stands as it is; null where there is none. */
function literalOf({ api_key, headers = {} }: Bundle): string | null {
  if (api_key !== null && isLiteral(api_key)) return "api_key";
  const header = Object.entries(headers).find(
    ([name, value]) => isCredentialHeader(name) && isLiteral(value) && !hasMark(value),
  );
  return header === undefined ? null : `header ${header[0]}`;
}

const isLiteral = (text: string): boolean => placeNames(text).length === 0;

function isLoopback(base_url: string | null): boolean {
  const host = base_url === null ? undefined : URL.parse(base_url)?.hostname;
  return (
    host !== undefined && (/^(localhost|127\.|\[::1\]|0\.0\.0\.0)/.test(host) || host.endsWith(".localhost"))
  );
}
