/** The REST calls that a gateway makes. */
export type DiscordCallName =
  | "edit_original"
  | "follow_up"
  | "channel_message"
  | "put_commands"
  | "get_commands"
  | "download"
  | "unknown";

export interface Recognised {
  readonly name: DiscordCallName;
  /** The interaction token, the channel, or the file. */
  readonly target: string;
  readonly needsBot: boolean;
}

const ENDPOINTS: readonly {
  readonly method: string;
  readonly path: RegExp;
  readonly name: DiscordCallName;
  readonly needsBot: boolean;
}[] = [
  {
    method: "PATCH",
    path: /^\/api\/v10\/webhooks\/\d+\/([\w.-]+)\/messages\/@original$/,
    name: "edit_original",
    needsBot: false,
  },
  { method: "POST", path: /^\/api\/v10\/webhooks\/\d+\/([\w.-]+)$/, name: "follow_up", needsBot: false },
  {
    method: "POST",
    path: /^\/api\/v10\/channels\/(\d+)\/messages$/,
    name: "channel_message",
    needsBot: true,
  },
  {
    method: "PUT",
    path: /^\/api\/v10\/applications\/(\d+)\/(?:guilds\/\d+\/)?commands$/,
    name: "put_commands",
    needsBot: true,
  },
  {
    method: "GET",
    path: /^\/api\/v10\/applications\/(\d+)\/(?:guilds\/\d+\/)?commands$/,
    name: "get_commands",
    needsBot: true,
  },
  // In life on another host, the CDN.
  { method: "GET", path: /^\/attachments\/(\d+)\//, name: "download", needsBot: false },
];

/** Which endpoint a request is for; `unknown` gets Discord's 404. */
export function recognise(method: string, path: string): Recognised {
  for (const endpoint of ENDPOINTS) {
    const found = endpoint.method === method ? endpoint.path.exec(path) : null;
    if (found) return { name: endpoint.name, target: found[1] ?? "", needsBot: endpoint.needsBot };
  }
  return { name: "unknown", target: "", needsBot: false };
}
