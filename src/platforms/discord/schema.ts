import * as v from "valibot";
import { lenient, nullish, number, scalar } from "../../lib/schema.ts";

/** The parts of Discord's objects that the gateway reads. Unknown fields are left out, unknown values kept. */

const Id = v.custom<string>((value) => typeof value === "string" && value !== "");

const User = v.object({
  id: Id,
  username: v.string(),
  global_name: nullish(v.string()),
});

const Embed = v.object({
  title: nullish(v.string()),
  description: nullish(v.string()),
  fields: nullish(v.array(v.object({ name: v.string(), value: v.string() }))),
});

const File = v.object({
  filename: v.string(),
  url: v.string(),
  /** In bytes. */
  size: number,
  /** As Discord found it; absent if it found none. */
  content_type: nullish(v.string()),
});

const Content = v.object({
  content: nullish(v.string()),
  attachments: nullish(v.array(File)),
  embeds: nullish(v.array(Embed)),
});

/** A message that a message command was used on. A forwarded one keeps its content in its snapshot. */
const TargetMessage = v.object({
  ...Content.entries,
  author: User,
  message_snapshots: nullish(v.array(v.object({ message: Content }))),
});

const Option = v.object({
  name: v.string(),
  type: v.optional(number),
  /** Of an attachment: its id in `resolved`. */
  value: v.optional(scalar),
});

/** What every interaction has, a PING too. */
export const Head = v.object({ type: number });

/** What an interaction that a user starts has, whatever it is. */
const Interaction = v.object({
  id: Id,
  application_id: Id,
  token: Id,
  channel_id: Id,
  channel: nullish(v.object({ type: number })),
  guild_id: nullish(Id),
  member: nullish(v.object({ user: User, roles: lenient(v.array(Id)) })),
  user: nullish(User),
  /** 0 server, 1 DM with the bot, 2 any other DM or group DM. Absent from interactions of old commands. */
  context: nullish(number),
  /** Keys: "0" installed to the server, "1" installed to the user. */
  authorizing_integration_owners: nullish(v.record(v.string(), v.unknown())),
});
export type Interaction = v.InferOutput<typeof Interaction>;

/** An application command, or the autocomplete request of one. */
export const Command = v.object({
  ...Interaction.entries,
  data: v.object({
    name: v.string(),
    /** 1 chat input, 2 user, 3 message. */
    type: v.optional(number),
    options: nullish(v.array(Option)),
    target_id: nullish(v.string()),
    resolved: nullish(
      v.object({
        messages: nullish(v.record(v.string(), TargetMessage)),
        attachments: nullish(v.record(v.string(), File)),
      }),
    ),
  }),
});

/** A press on a button, or a choice in a select menu, of a message of ours. */
export const Pressed = v.object({
  ...Interaction.entries,
  data: v.object({ custom_id: v.string(), values: nullish(v.array(v.string())) }),
  message: v.object({ flags: nullish(number) }),
});
export type Pressed = v.InferOutput<typeof Pressed>;

/** Where an answer goes, as stored with the message. */
export const Destination = v.object({
  application_id: v.string(),
  /** The interaction's continuation token: good for 15 minutes, without any other credential. */
  token: v.string(),
  channel_id: v.string(),
  /** A DM with the bot: nobody else reads it. */
  dm: v.boolean(),
  /** Only the user sees the answer. */
  ephemeral: v.boolean(),
  /** The app is installed to the user only: the bot is in no server channel or group DM. */
  user_install_only: v.boolean(),
  /** The answer replaces the message whose button was pressed, with its buttons. */
  edits: v.optional(v.literal(true)),
  /** When the interaction came in, Unix milliseconds by our own clock. */
  received_at: number,
});

export const SentMessage = v.object({ id: v.string() });

export const ApiError = v.object({ code: v.optional(number), retry_after: v.optional(number) });

export type Command = v.InferOutput<typeof Command>;
export type Destination = v.InferOutput<typeof Destination>;
export type File = v.InferOutput<typeof File>;
export type TargetMessage = v.InferOutput<typeof TargetMessage>;
