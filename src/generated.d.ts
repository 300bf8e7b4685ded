/** The compiled routes file; `npm run compile` writes it, wrangler.toml names where it stands. */
declare module "talaria-routes" {
  const routes: import("./routing/types.ts").CompiledRoutes;
  export default routes;
}
