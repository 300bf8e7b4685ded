/** Where an interaction happens, and who starts it. */
export interface Invocation {
  readonly user_id: string;
  readonly channel_id: string;
  /** Absent: the bot's DM, or (with `user_install`) a private channel of others. */
  readonly guild_id?: string;
  /** Installed to the user's account only: the bot is not in the channel. */
  readonly user_install?: boolean;
  /** A thread of the guild. */
  readonly thread?: boolean;
}

/** A file as Discord describes it. */
export interface DiscordFile {
  readonly id: string;
  readonly filename: string;
  readonly url: string;
  /** In bytes. */
  readonly size: number;
  readonly content_type: string;
}

export type Interaction = {
  readonly id: string;
  readonly token: string;
  readonly [field: string]: unknown;
};

const CHAT_INPUT = 1;
const MESSAGE_COMMAND = 3;
const OPTION_STRING = 3;
const OPTION_ATTACHMENT = 11;
const PUBLIC_THREAD = 11;
const BUTTON = 2;
const SELECT_MENU = 3;
const TEXT_CHANNEL = 0;
const DM_CHANNEL = 1;
const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** Makes interactions as Discord posts them, each with its own id and token. */
export class InteractionFactory {
  readonly #applicationId: string;
  #sequence = 0n;

  constructor(applicationId: string) {
    this.#applicationId = applicationId;
  }

  ping(): Interaction {
    return { ...this.#frame(1), user: userOf("1417636184355766305") };
  }

  /** A slash command; options are strings, or files. */
  command(
    where: Invocation,
    name: string,
    options: Readonly<Record<string, string>> = {},
    files: Readonly<Record<string, DiscordFile>> = {},
  ): Interaction {
    const given = Object.entries(files);
    const chosen = given.map(([option, { id }]) => ({ name: option, type: OPTION_ATTACHMENT, value: id }));
    return this.#on(2, where, {
      id: "1",
      name,
      type: CHAT_INPUT,
      options: [...optionsOf(options), ...chosen],
      ...(given.length > 0 && {
        resolved: { attachments: Object.fromEntries(given.map(([, file]) => [file.id, file])) },
      }),
    });
  }

  /** The picker asks what may follow `value` in an option. */
  autocomplete(where: Invocation, name: string, option: string, value: string): Interaction {
    const options = [{ name: option, type: OPTION_STRING, value, focused: true }];
    return this.#on(4, where, { id: "1", name, type: CHAT_INPUT, options });
  }

  /** Somebody presses a button, or chooses a value of a select menu, below a message of the bot. */
  press(
    where: Invocation,
    message: { readonly id: string; readonly flags?: number },
    data: { readonly custom_id: string; readonly values?: readonly string[] },
  ): Interaction {
    const component = { component_type: data.values ? SELECT_MENU : BUTTON, id: 2, ...data };
    return { ...this.#on(3, where, component), message: { flags: 0, ...message } };
  }

  /** A command of a message's context menu. */
  messageCommand(
    where: Invocation,
    name: string,
    content: string,
    {
      authorId = "99",
      files = [],
    }: { readonly authorId?: string; readonly files?: readonly DiscordFile[] } = {},
  ): Interaction {
    const id = this.#snowflake();
    const message = {
      id,
      type: 0,
      content,
      channel_id: where.channel_id,
      author: userOf(authorId),
      attachments: files,
      embeds: [],
      mentions: [],
      mention_roles: [],
      pinned: false,
      mention_everyone: false,
      tts: false,
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      flags: 0,
      components: [],
    };
    return this.#on(2, where, {
      id: "2",
      name,
      type: MESSAGE_COMMAND,
      target_id: id,
      resolved: { messages: { [id]: message } },
    });
  }

  #on(type: number, where: Invocation, data: Record<string, unknown>): Interaction {
    const { guild_id, user_id, channel_id } = where;
    const user = userOf(user_id);
    const context = guild_id !== undefined ? 0 : where.user_install ? 2 : 1;
    const channelType = where.thread ? PUBLIC_THREAD : guild_id === undefined ? DM_CHANNEL : TEXT_CHANNEL;
    return {
      ...this.#frame(type),
      data,
      channel_id,
      channel: { id: channel_id, type: channelType, ...(where.thread && { parent_id: "555" }) },
      context,
      authorizing_integration_owners: where.user_install ? { "1": user_id } : { "0": guild_id ?? "0" },
      ...(guild_id === undefined
        ? { user }
        : {
            guild_id,
            guild: { id: guild_id, locale: "en-US", features: [] },
            member: { user, nick: null, roles: [], permissions: "0", joined_at: "2026-01-01T00:00:00Z" },
          }),
    };
  }

  #frame(type: number): Interaction {
    return {
      id: this.#snowflake(),
      application_id: this.#applicationId,
      type,
      token: `aW50ZXJhY3Rpb24.${crypto.randomUUID().replaceAll("-", "")}${crypto.randomUUID().replaceAll("-", "")}`,
      version: 1,
      locale: "en-US",
      app_permissions: "2048",
      entitlements: [],
      attachment_size_limit: 10_485_760,
    };
  }

  #snowflake(): string {
    return String(((BigInt(Date.now()) - DISCORD_EPOCH_MS) << 22n) | (this.#sequence++ & 0xfffn));
  }
}

function optionsOf(options: Readonly<Record<string, string>>) {
  return Object.entries(options).map(([name, value]) => ({ name, type: OPTION_STRING, value }));
}

function userOf(id: string) {
  return { id, username: `user${id}`, discriminator: "0", global_name: `User ${id}`, avatar: null };
}
