import { placeNames } from "../../src/lib/template.ts";
import { ruleBundle } from "../../src/routing/layers.ts";
import type { Bundle, BundleFields, CompiledRoutes } from "../../src/routing/types.ts";

/** Every bundle of these routes, as it is used, with the words for where it stands. */
export function bundlesOf(routes: CompiledRoutes): { readonly where: string; readonly bundle: Bundle }[] {
  const of = (where: string, set: BundleFields, fallbacks: readonly Bundle[] = []) => [
    { where, bundle: ruleBundle(routes, set) },
    ...fallbacks.map((bundle, index) => ({ where: `fallback ${index + 1} of ${where}`, bundle })),
  ];
  return [
    ...of("the model block", {}, routes.base_fallbacks),
    ...routes.rules.flatMap(({ set, fallbacks, name }, index) =>
      of(`route ${name ?? index + 1}`, set, fallbacks),
    ),
    ...(routes.cron?.jobs ?? []).flatMap(({ name, own }) => [
      ...(own?.bundle ? [{ where: `job ${name}`, bundle: own.bundle }] : []),
      ...(own?.fallbacks ?? []).map((bundle) => ({ where: `a fallback of job ${name}`, bundle })),
    ]),
    ...Object.entries(routes.models).flatMap(([name, set]) => of(`models.${name}`, set)),
  ];
}

/** Names of the secrets that these routes use, in the order in which they are used. */
export const secretsOf = (routes: CompiledRoutes): string[] => placeNames(JSON.stringify(bundlesOf(routes)));
