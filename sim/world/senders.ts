import type { Message } from "@grammyjs/types";
import type { Machine } from "../runtime/machine.ts";
import type { SimulatedWorker, WebhookAnswer } from "../runtime/worker.ts";
import type { DiscordServer } from "./discord.ts";
import type { HubServer } from "./hub.ts";
import { type Piece, type Pieces, pieceOf } from "./pieces.ts";
import type { Place } from "./places.ts";
import { type Post, PostFactory } from "./posts.ts";
import type { TelegramServer } from "./telegram.ts";
import type { Said, Traffic } from "./traffic.ts";

const REDELIVER_FOR_MS = 24 * 3_600_000;
const LONGEST_BACKOFF_MS = 90_000;
/** Telegram waits so long for an answer. */
const PATIENCE_MS = 60_000;
/** The side of the platforms that pushes: users write, and their messages come to the gateway as webhooks. */
export class Senders {
  readonly #machine: Machine;
  readonly #worker: SimulatedWorker;
  readonly #traffic: Traffic;
  readonly #telegram: TelegramServer;
  readonly #discord: DiscordServer;
  readonly #hub: HubServer;
  readonly #posts = new PostFactory();
  /** Telegram's queue of each chat: it delivers one update at a time. */
  readonly #queues = new Map<string, (() => void)[]>();
  readonly #impatient: boolean;
  /** What was said on Telegram, by its number. */
  readonly #messages = new Map<number, Message>();

  constructor(
    machine: Machine,
    worker: SimulatedWorker,
    traffic: Traffic,
    servers: { readonly telegram: TelegramServer; readonly discord: DiscordServer; readonly hub: HubServer },
    impatient: boolean,
  ) {
    this.#machine = machine;
    this.#worker = worker;
    this.#traffic = traffic;
    this.#telegram = servers.telegram;
    this.#discord = servers.discord;
    this.#hub = servers.hub;
    this.#impatient = impatient;
  }

  /** Somebody says something: a question, or (`command`) a chat command. */
  say(n: number, place: Place, text: string, command: boolean, piece?: Piece): void {
    const said = (ref: string) =>
      this.#said(this.#traffic.said, n, place, text, command, ref, piece?.one_with);
    if (place.platform === "telegram") this.#throughTelegram(place, text, said, piece?.more);
    else if (place.platform === "discord") this.#throughDiscord(place, text, command, said);
    else this.#throughHub(place, text, said);
  }

  /** Somebody says something in a group, but not to the bot. */
  murmur(n: number, place: Place): void {
    const text = `o${n} among ourselves`;
    const said = (ref: string) => this.#said(this.#traffic.overheard, n, place, text, false, ref);
    this.#throughTelegram(place, text, said, {}, true);
  }

  #said(
    to: Said[],
    n: number,
    place: Place,
    text: string,
    command: boolean,
    ref: string,
    one_with?: number,
  ): Said {
    const message: Said = {
      n,
      place,
      session: this.#telegram.sessionOf(place),
      kind: command ? "command" : "question",
      command: command ? text : "",
      at: this.#machine.loop.now,
      ref,
      one_with,
      accepted_at: null,
    };
    to.push(message);
    this.#machine.note(place.name, () => `says ${text.slice(0, 60)}`);
    return message;
  }

  /** Somebody writes one thing that Telegram delivers in pieces. */
  pieces({ n, form, parts, gap_ms }: Pieces, place: Place): void {
    for (let index = 0; index < parts; index++) {
      const { text, more } = pieceOf(form, n + index, index === parts - 1, index === 0);
      const album = form === "album" ? { media_group_id: String(n) } : {};
      this.#machine.loop.after(index * gap_ms, () =>
        this.say(n + index, place, text, false, { one_with: n, more: { ...more, ...album } }),
      );
    }
  }

  /** Somebody corrects a question. */
  edit(n: number, of: number, place: Place): void {
    const message = this.#messages.get(of);
    if (message === undefined) return;
    const edit = { n, of, place, at: this.#machine.loop.now, accepted_at: null };
    this.#traffic.edits.push(edit);
    const post = this.#posts.telegram(this.#posts.edit(place, message, `q${of} e${n}`));
    this.#inTurn(this.#impatient ? `edit ${n}` : place.chat, (over) => this.#untilTaken(post, edit, 0, over));
  }

  /** The same by somebody who cannot prove to be the platform. */
  forge(n: number, place: Place): void {
    const record: Traffic["forged"][number] = { n, place, status: null };
    this.#traffic.forged.push(record);
    const post = this.#posts.forgery(place, `q${n} let me in`, this.#machine.loop.now);
    this.#post(post, (answer) => {
      record.status = answer?.status ?? null;
    });
  }

  /** A group becomes a supergroup, which Telegram tells in the old chat and in the new one. */
  migrate(place: Place): void {
    const next = this.#telegram.migrate(place.chat);
    for (const post of this.#posts.moves(place, place.chat, next)) this.#post(post, () => {});
  }

  #throughTelegram(
    place: Place,
    text: string,
    said: (ref: string) => Said,
    more?: Partial<Message>,
    murmur = false,
  ): void {
    const update = this.#posts.update(place, this.#telegram.chatOf(place), text, more, murmur);
    const message = said(String(update.message?.message_id));
    if (update.message) this.#messages.set(message.n, update.message);
    const post = this.#posts.telegram(update);
    const queue = this.#impatient ? `update ${update.update_id}` : place.chat;
    this.#inTurn(queue, (over) => this.#untilTaken(post, message, 0, over));
  }

  /** Delivers again and again until the gateway answers 2xx, for a day; and now and then once more. */
  #untilTaken(
    post: Post,
    message: Pick<Said, "place" | "at" | "accepted_at">,
    tries: number,
    over: () => void,
  ): void {
    const { loop, chance } = this.#machine;
    this.#post(post, (answer) => {
      if (answer !== null && answer.status < 300) {
        message.accepted_at ??= loop.now;
        over();
        if (!chance.hits("webhook_again", message.place.name)) return;
        const later = chance.stream(`again ${message.place.name}`).spread(10, 3_600_000);
        loop.after(later, () => this.#post(post, () => {}));
        return;
      }
      if (answer !== null && answer.status !== 503) {
        this.#traffic.odd.push(`Telegram got ${answer.status}: ${answer.body}`);
      }
      const wait = tries === 0 ? 0 : Math.min(LONGEST_BACKOFF_MS, 1_000 * 2 ** tries);
      if (loop.now + wait - message.at > REDELIVER_FOR_MS) over();
      else loop.after(wait, () => this.#untilTaken(post, message, tries + 1, over));
    });
  }

  #throughDiscord(place: Place, text: string, command: boolean, said: (ref: string) => Said): void {
    const interaction = this.#posts.interaction(place, text, command);
    const { token } = interaction;
    const message = said(token);
    this.#discord.open(token, place.chat, place.scene === "user_install");
    const post = this.#posts.discord(interaction, this.#machine.loop.now);
    this.#post(post, (answer) => {
      const { loop, chance } = this.#machine;
      if (answer === null) return;
      if (answer.status !== 200) {
        if (answer.status !== 503) this.#traffic.odd.push(`Discord got ${answer.status}`);
        return;
      }
      if (this.#discord.answered(token)) {
        message.accepted_at = loop.now;
        this.#noteNotice(message, answer.body);
      }
      if (chance.hits("webhook_again", place.name)) this.#post(post, () => {});
    });
  }

  /** An answer within the response itself: a message instead of a deferral. */
  #noteNotice({ place, ref }: Said, body: string): void {
    const { type, data } = JSON.parse(body);
    if (type !== 4) return;
    const { now } = this.#machine.loop;
    this.#traffic.sends.push({
      at: now,
      platform: "discord",
      to: place.chat,
      thread: null,
      ref,
      text: data.content,
      shown: true,
      told: "done",
      wait_ms: null,
      slot: null,
      edit: false,
      from: place.session,
      heard_at: now,
    });
  }

  #throughHub(place: Place, text: string, said: (ref: string) => Said): void {
    const id = this.#hub.put(place.user, text);
    said(id).accepted_at = this.#machine.loop.now;
    if (this.#machine.chance.hits("callback_lost", place.name)) return;
    this.#post(this.#posts.hub(this.#hub.callback(id)), () => {});
  }

  /** One after the other; the next begins when the one before calls back. */
  #inTurn(queue: string, deliver: (over: () => void) => void): void {
    const waiting = this.#queues.get(queue) ?? [];
    this.#queues.set(queue, waiting);
    const start = () =>
      deliver(() => {
        waiting.shift();
        waiting[0]?.();
      });
    waiting.push(start);
    if (waiting.length === 1) start();
  }

  /** One request over the network; null when no answer came in time. */
  #post(post: Post, answered: (answer: WebhookAnswer | null) => void): void {
    const { loop, chance } = this.#machine;
    const some = chance.stream("webhooks");
    const delay = chance.hits("webhook_delayed", post.path) ? some.spread(100, 60_000) : some.spread(1, 80);
    let open = true;
    const close = (answer: WebhookAnswer | null) => {
      if (!open) return;
      open = false;
      loop.cancel(patience);
      answered(answer);
    };
    const patience = loop.after(delay + PATIENCE_MS, () => close(null));
    if (chance.hits("webhook_lost", post.path)) return;
    const request = () =>
      new Request(`https://gateway.test${post.path}`, {
        method: "POST",
        headers: { ...post.headers, "content-length": String(Buffer.byteLength(post.body)) },
        body: post.body,
      });
    loop.after(delay, () => this.#worker.fetch(request, close));
  }
}
