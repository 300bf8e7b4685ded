import * as z from "zod/mini";

/** The parts of Discord's objects that the gateway reads. Unknown fields are left out, unknown values kept. */

const Id = z.string().check(z.minLength(1));

const User = z.object({
  id: Id,
  username: z.string(),
  global_name: z.nullish(z.string()),
});

const Embed = z.object({
  title: z.nullish(z.string()),
  description: z.nullish(z.string()),
  fields: z.nullish(z.array(z.object({ name: z.string(), value: z.string() }))),
});

const File = z.object({
  filename: z.string(),
  url: z.string(),
  /** In bytes. */
  size: z.number(),
  /** As Discord found it; absent if it found none. */
  content_type: z.nullish(z.string()),
});

const Content = z.object({
  content: z.nullish(z.string()),
  attachments: z.nullish(z.array(File)),
  embeds: z.nullish(z.array(Embed)),
});

/** A message that a message command was used on. A forwarded one keeps its content in its snapshot. */
const TargetMessage = z.extend(Content, {
  author: User,
  message_snapshots: z.nullish(z.array(z.object({ message: Content }))),
});

const Option = z.object({
  name: z.string(),
  /** Of an attachment: its id in `resolved`. */
  value: z.optional(z.union([z.string(), z.number(), z.boolean()])),
});

/** What every interaction has, a PING too. */
export const Head = z.object({ type: z.number() });

/** What an interaction that a user starts has, whatever it is. */
const Interaction = z.object({
  id: Id,
  application_id: Id,
  token: Id,
  channel_id: Id,
  channel: z.nullish(z.object({ type: z.number() })),
  guild_id: z.nullish(Id),
  member: z.nullish(z.object({ user: User })),
  user: z.nullish(User),
  /** 0 server, 1 DM with the bot, 2 any other DM or group DM. Absent from interactions of old commands. */
  context: z.nullish(z.number()),
  /** Keys: "0" installed to the server, "1" installed to the user. */
  authorizing_integration_owners: z.nullish(z.record(z.string(), z.unknown())),
});
export type Interaction = z.infer<typeof Interaction>;

/** An application command, or the autocomplete request of one. */
export const Command = z.extend(Interaction, {
  data: z.object({
    name: z.string(),
    /** 1 chat input, 2 user, 3 message. */
    type: z.optional(z.number()),
    options: z.nullish(z.array(Option)),
    target_id: z.nullish(z.string()),
    resolved: z.nullish(
      z.object({
        messages: z.nullish(z.record(z.string(), TargetMessage)),
        attachments: z.nullish(z.record(z.string(), File)),
      }),
    ),
  }),
});

/** A press on a button, or a choice in a select menu, of a message of ours. */
export const Pressed = z.extend(Interaction, {
  data: z.object({ custom_id: z.string(), values: z.nullish(z.array(z.string())) }),
  message: z.object({ flags: z.nullish(z.number()) }),
});
export type Pressed = z.infer<typeof Pressed>;

/** Where an answer goes, as stored with the message. */
export const Destination = z.object({
  application_id: z.string(),
  /** The interaction's continuation token: good for 15 minutes, without any other credential. */
  token: z.string(),
  channel_id: z.string(),
  /** A DM with the bot: nobody else reads it. */
  dm: z.boolean(),
  /** Only the user sees the answer. */
  ephemeral: z.boolean(),
  /** The app is installed to the user only: the bot is in no server channel or group DM. */
  user_install_only: z.boolean(),
  /** The answer replaces the message whose button was pressed, with its buttons. */
  edits: z.optional(z.literal(true)),
  /** When the interaction came in, Unix milliseconds by our own clock. */
  received_at: z.number(),
});

export const SentMessage = z.object({ id: z.string() });

export const ApiError = z.object({ code: z.optional(z.number()), retry_after: z.optional(z.number()) });

export type Command = z.infer<typeof Command>;
export type Destination = z.infer<typeof Destination>;
export type File = z.infer<typeof File>;
export type TargetMessage = z.infer<typeof TargetMessage>;
