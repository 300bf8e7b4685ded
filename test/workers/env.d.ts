/** What `exports` of `cloudflare:workers` is in a test: this Worker's. */
declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import("../../src/index.ts");
  }
}
