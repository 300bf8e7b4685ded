/** Names whose value is a credential, in a query, a header, JSON, or `NAME=value`; with any prefix (`HUB_AGENT_SECRET`). */
const NAMES = "[\\w-]*(?:api[_-]?key|secret|token|password|passwd|authorization|private[_-]?key)";

/** What a credential looks like inside a log line, an error's text or a URL, and what is put in its place. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, "[private key]"],
  // user:password@ before a host
  [/\/\/[^/@\s"'\\]+@/g, "//[userinfo]@"],
  // A Telegram bot token stands in every method and file URL.
  [/\b(bot)?\d{5,}:[\w-]{20,}/g, "$1[bot token]"],
  // A Discord interaction or webhook token stands in the path.
  [/(\/(?:webhooks|interactions)\/\d+\/)[\w.-]{20,}/g, "$1[token]"],
  // A Discord bot token: three parts, the first of them the bot's id.
  [/\b[MNO][\w-]{22,28}\.[\w-]{6}\.[\w-]{27,}/g, "[bot token]"],
  // JSON Web Tokens
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, "[jwt]"],
  // Standard Webhooks secrets, and keys known by their prefix
  [/\bwhsec_[\w+/=-]{8,}/g, "[key]"],
  [/\b(?:sk|pk|rk)-[\w-]{8,}/g, "[key]"],
  [/\b(?:xai|gsk|key|pplx|r8|hf|nvapi|csk|fw)[-_](?=[\w-]*\d)[\w-]{12,}/g, "[key]"],
  [/\b(?:AIza|AKIA|ASIA|ghp_|gho_|ghs_|github_pat_|xox[abprs]-|cfut_|cfat_)[\w-]{12,}/g, "[key]"],
  [/\b([Bb]earer|[Bb]asic|Bot)\s+(?=\S*\d|\S{20})[\w.~+/=-]{6,}/g, "$1 [key]"],
  // "api_key":"…", also with the quotes escaped inside a JSON string
  [
    new RegExp(`(\\\\?["']${NAMES}\\\\?["']\\s*:\\s*\\\\?["'])(?!\\[|\\$\\{)[^"'\\\\]+`, "gi"),
    "$1[redacted]",
  ],
  [new RegExp(`\\b(${NAMES}=)(?!\\[|\\$\\{)[^&\\s"'\\\\]+`, "gi"), "$1[redacted]"],
  [
    new RegExp(`\\b(${NAMES}|x-api-key): (?!\\[|\\$\\{|Bearer|Basic|Bot)[^\\s"'\\\\,]+`, "gi"),
    "$1: [redacted]",
  ],
];

/** A variable whose value is one, by its name. */
const SECRET_NAME = /key|secret|token|pass/i;
/** What is shorter would be found in many a word. */
const MIN_SECRET_CHARS = 8;
const known = new Set<string>();

/** Has `redact` hide a variable's value from here on, if its name says that it is a secret. */
export function hide(name: string, value: string): void {
  if (value.length >= MIN_SECRET_CHARS && SECRET_NAME.test(name)) known.add(value);
}

/**
 * The text without anything that looks like a credential, or is one that was read here. The one place where that is
 * decided: every log line and every error's text that leaves the gateway goes through here. `${NAME}` stays readable.
 */
export function redact(text: string): string {
  let clean = text;
  for (const secret of known) clean = clean.replaceAll(secret, "[secret]");
  for (const [pattern, replacement] of CREDENTIALS) clean = clean.replace(pattern, replacement);
  return clean;
}
