/** Shapes of credentials that may turn up inside an error's text. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  // A Telegram bot token stands in every method and file URL.
  [/\b\d{5,}:[A-Za-z0-9_-]{20,}/g, "[bot token]"],
  // A Discord interaction or webhook token stands in the path.
  [/(\/webhooks\/\d+\/)[A-Za-z0-9._-]{20,}/g, "$1[token]"],
  [/\b(Bearer|Bot)\s+[A-Za-z0-9._~+/=-]{6,}/g, "$1 [key]"],
  [/\b(sk|pk|rk|xai|gsk|key)-[A-Za-z0-9_-]{8,}/g, "[key]"],
  [/\b(api_key|key|secret|token|password)=[^&\s"]+/gi, "$1=[redacted]"],
  [/\/\/[^/@\s"]+@/g, "//[userinfo]@"],
];

/** The text without anything that looks like a credential. */
export function redact(text: string): string {
  return SECRETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
