/** Interactions as Discord sends them, after the samples in its documentation and a recorded user install. */

export const APPLICATION_ID = "775799577604522054";
export const TOKEN = "aW50ZXJhY3Rpb246MTAwMTpVTklRVUVfVE9LRU4";

const IAN = {
  id: "167348773423415296",
  username: "ian",
  global_name: "Ian",
  avatar: "a_f03401914fb4f3caa9037578ab980920",
  avatar_decoration_data: null,
  discriminator: "0",
  public_flags: 131141,
  primary_guild: null,
};

const MEMBER = {
  avatar: null,
  deaf: false,
  flags: 0,
  joined_at: "2020-11-02T20:46:57.364000+00:00",
  mute: false,
  nick: null,
  pending: false,
  permissions: "274877906943",
  premium_since: null,
  roles: ["785609923542777878"],
  user: IAN,
};

const BASE = {
  id: "867793873336926249",
  application_id: APPLICATION_ID,
  app_permissions: "442368",
  attachment_size_limit: 10485760,
  entitlements: [],
  locale: "en-US",
  token: TOKEN,
  version: 1,
};

const GUILD = {
  ...BASE,
  authorizing_integration_owners: { "0": "772904309264089089" },
  channel: {
    flags: 0,
    guild_id: "772904309264089089",
    id: "772908445358620702",
    last_message_id: "867793854505943041",
    name: "general",
    nsfw: false,
    parent_id: "772904309264089090",
    permissions: "2248473465835073",
    position: 0,
    rate_limit_per_user: 0,
    topic: null,
    type: 0,
  },
  channel_id: "772908445358620702",
  context: 0,
  guild: { features: [], id: "772904309264089089", locale: "en-US" },
  guild_id: "772904309264089089",
  guild_locale: "en-US",
  member: MEMBER,
};

const THREAD = {
  ...GUILD,
  channel: {
    ...GUILD.channel,
    id: "1090012345678901234",
    name: "plans",
    parent_id: "772908445358620702",
    thread_metadata: { archived: false, auto_archive_duration: 4320, locked: false },
    type: 11,
  },
  channel_id: "1090012345678901234",
};

const BOT_DM = {
  ...BASE,
  authorizing_integration_owners: { "0": "0", "1": IAN.id },
  channel: {
    flags: 0,
    id: "1234563982236504123",
    last_message_id: null,
    recipients: [{ ...IAN, bot: false }],
    type: 1,
  },
  channel_id: "1234563982236504123",
  context: 1,
  user: IAN,
};

const USER_INSTALL = {
  ...BASE,
  authorizing_integration_owners: { "1": IAN.id },
  channel: { flags: 0, id: "1299990000000000001", last_message_id: null, name: null, type: 3 },
  channel_id: "1299990000000000001",
  context: 2,
  user: IAN,
};

export const PLACES = { guild: GUILD, thread: THREAD, dm: BOT_DM, userInstall: USER_INSTALL };
export type Place = keyof typeof PLACES;

/** `/name option:value` used in that place. */
export function chatCommand(place: Place, name: string, options: { readonly [name: string]: string } = {}) {
  const given = Object.entries(options).map(([option, value]) => ({ name: option, type: 3, value }));
  const data = { id: "866818195033292850", name, type: 1, ...(given.length > 0 ? { options: given } : {}) };
  return { ...PLACES[place], type: 2, data };
}

/** A picture as Discord describes it, in a message or as an option. */
export const PICTURE = {
  content_type: "image/png",
  content_scan_version: 1,
  filename: "cat.png",
  height: 480,
  id: "1150000000000000001",
  placeholder: "HBgGDIJ3d3eAh4h/h4eHd4d4eHd3h3A=",
  placeholder_version: 1,
  proxy_url:
    "https://media.discordapp.net/attachments/772908445358620702/1150000000000000001/cat.png?ex=6a&is=6b&hm=7c",
  size: 120334,
  url: "https://cdn.discordapp.com/attachments/772908445358620702/1150000000000000001/cat.png?ex=6a&is=6b&hm=7c",
  width: 640,
};

/** The same, as the session is told of it. */
export const CAT = {
  kind: "image",
  ref: PICTURE.url,
  name: PICTURE.filename,
  mime: "image/png",
  bytes: PICTURE.size,
};

/** `/ask` with a file in its option. */
export function askWith(file: object, prompt = "What is this?", name = "file") {
  const command = chatCommand("guild", "ask", { prompt });
  const option = { name, type: 11, value: PICTURE.id };
  const options = [...(command.data.options ?? []), option];
  const attachments = { [PICTURE.id]: { ...file, ephemeral: true } };
  return { ...command, data: { ...command.data, options, resolved: { attachments } } };
}

/** What is sent while the user types into /model. */
export function modelAutocomplete(place: Place, typed: string) {
  const options = [{ focused: true, name: "name", type: 3, value: typed }];
  return { ...PLACES[place], type: 4, data: { id: "866818195033292852", name: "model", options, type: 1 } };
}

export const TARGET_MESSAGE = {
  attachments: [],
  author: { ...IAN, id: "53908232506183680", username: "mason", global_name: "Mason" },
  channel_id: "772908445358620702",
  components: [],
  content: "some message",
  edited_timestamp: null,
  embeds: [],
  flags: 0,
  id: "867793854505943041",
  mention_everyone: false,
  mention_roles: [],
  mentions: [],
  pinned: false,
  timestamp: "2021-07-22T15:42:57.744000+00:00",
  tts: false,
  type: 0,
};

/** "Ask about this" used on a message. */
export function askAbout(message: object = TARGET_MESSAGE) {
  const data = {
    id: "866818195033292851",
    name: "Ask about this",
    resolved: { messages: { [TARGET_MESSAGE.id]: message } },
    target_id: TARGET_MESSAGE.id,
    type: 3,
  };
  return { ...GUILD, type: 2, data };
}

export const PING_INTERACTION = {
  app_permissions: "562949953601536",
  application_id: APPLICATION_ID,
  attachment_size_limit: 524288000,
  authorizing_integration_owners: {},
  entitlements: [],
  id: "1301557107211894858",
  token: TOKEN,
  type: 1,
  user: IAN,
  version: 1,
};

/** A press on a button of an old message. */
export const BUTTON_INTERACTION = {
  ...GUILD,
  data: { component_type: 2, custom_id: "next_page", id: 2 },
  message: { ...TARGET_MESSAGE, application_id: APPLICATION_ID },
  type: 3,
};
