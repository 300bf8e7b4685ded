/** Ports that Telegram delivers to: https://core.telegram.org/bots/api#setwebhook */
const TELEGRAM_PORTS = ["", "443", "80", "88", "8443"];

/** Whether an address is of this machine alone. */
export function isLoopback(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return host === "localhost" || host === "[::1]" || /^127\./.test(host);
}

/**
 * Why a platform whose API is at `api` cannot reach a gateway; null if it can. A double on this machine reaches one
 * on this machine.
 * @example unreachable("http://127.0.0.1:8787", "https://api.telegram.org") // it is an address of this machine
 */
export function unreachable(gateway: string, api: string): string | null {
  if (isLoopback(api)) return null;
  if (isLoopback(gateway)) return "it is an address of this machine";
  return new URL(gateway).protocol === "https:" ? null : "it is not https";
}

/** The same for Telegram, which delivers to a few ports only. */
export function telegramCannotReach(gateway: string, api: string): string | null {
  const problem = unreachable(gateway, api);
  if (problem !== null || isLoopback(api) || TELEGRAM_PORTS.includes(new URL(gateway).port)) return problem;
  return "Telegram delivers to ports 443, 80, 88 and 8443 only";
}

/** What makes a gateway reachable. */
export const REACHABLE_BY =
  "deploy it (npm run deploy), or open a tunnel (cloudflared tunnel --url http://127.0.0.1:8787), and run this again with --url and the https address";
