import type { SourceChange } from "./runtime/modules.ts";

/** A small mistake, put into the gateway's code as it is loaded, and the objection that must find it. */
export interface Mutant extends SourceChange {
  readonly name: string;
  /** What must be objected to. */
  readonly caught_by: RegExp;
  /** Where few seeds find it: one that comes soon before such a one. */
  readonly first_seed?: number;
}

/** Every rule that the simulation holds has at least one of these, so that it is known to hold it. */
export const MUTANTS: readonly Mutant[] = [
  // Who may speak
  {
    name: "any secret is taken for Telegram's",
    file: "src/lib/secret.ts",
    find: "return difference === 0;",
    replace: "return true;",
    caught_by: /the forged message \d+ was taken/,
  },
  {
    name: "any signature is taken for Discord's",
    file: "src/platforms/discord/verify.ts",
    find: 'return crypto.subtle.verify("Ed25519", key, signature, signed);',
    replace: "return signed.length > 0;",
    caught_by: /the forged message \d+ was taken/,
  },
  // Accepted means answered
  {
    name: "a message arms no alarm",
    file: "src/sessions/core.ts",
    find: "    this.#wake.at(now + WATCHDOG_MS);\n      return job;",
    replace: "      return job;",
    caught_by: /and no alarm/,
  },
  {
    name: "sessions whose alarm is lost are not looked for",
    file: "src/sessions/register.ts",
    find: "now % SWEEP_MS < 60_000;",
    replace: "now < SWEEP_MS;",
    caught_by: /is still (waiting|answered)/,
  },
  {
    name: "a failed send is given up at once",
    file: "src/sessions/limits.ts",
    find: "export const MAX_SEND_TRIES = 8;",
    replace: "export const MAX_SEND_TRIES = 1;",
    caught_by: /was never answered|was answered in part/,
  },
  {
    name: "a request that the runtime refuses counts as lost",
    file: "src/lib/request.ts",
    find: "return error instanceof Error && /too many (sub)?requests/i.test(error.message);",
    replace: "return error === null;",
    caught_by: /was never answered|was answered in part/,
  },
  {
    name: "a group's message is dropped while the bot's name is not known",
    file: "src/platforms/telegram/webhook.ts",
    find: 'if (hearing.kind === "later") return { kind: "later", reason: "bot_name_unknown" };',
    replace: 'if (hearing.kind === "later") return ignored("bot_name_unknown");',
    caught_by: /was never answered/,
  },
  {
    name: "a cut answer counts as whole",
    file: "src/inference/infer.ts",
    find: 'if (answer.finish === null) return { reason: "cut", detail: "the stream ended without a finish mark" };',
    replace: "",
    caught_by: /was answered in part/,
  },
  {
    name: "the last part of a long answer is left out",
    file: "src/sessions/deliver.ts",
    find: "if (sent.length < exchange.chunks.length) {",
    replace: "if (sent.length < exchange.chunks.length - 1) {",
    caught_by: /was answered in part/,
  },
  // Once
  {
    name: "a redelivery is not recognised",
    file: "src/sessions/core.ts",
    find: 'if (exchanges.knows(received.delivery_id)) return "duplicate";',
    replace: "",
    caught_by: /answered twice, differently|was asked again/,
  },
  {
    name: "delivery ids are forgotten when the object ends",
    file: "src/sessions/store/exchanges.ts",
    find: "for (const { delivery_id, seq, at } of remembered) this.#seen.add(delivery_id, { seq, at });",
    replace: "void remembered;",
    caught_by: /answered twice, differently|was asked again|was shown twice/,
  },
  {
    name: "an answer is not stored before it is sent",
    file: "src/sessions/store/exchanges.ts",
    find: "this.#write(exchange.seq, {\n      ...change,",
    replace: "if (chunks.length > 9) this.#write(exchange.seq, {\n      ...change,",
    caught_by: /answered twice, differently/,
  },
  {
    name: "what is shown of an answer is not stored",
    file: "src/sessions/store/exchanges.ts",
    find: "this.#write(exchange.seq, { sent: JSON.stringify(sent), sending: sent.length, sends: null });",
    replace: "this.#write(-1, { sent: JSON.stringify(sent), sending: sent.length, sends: null });",
    caught_by: /was shown twice/,
  },
  {
    name: "an uncertain answer is sent to a peer again without looking for it",
    file: "src/platforms/hub/delivery.ts",
    find: "const before = chunk.uncertain ? await wasStored(hub, peer, text, since) : await isAgent(hub, peer);",
    replace:
      "const before: Before = since < 0 ? await wasStored(hub, peer, text, since) : await isAgent(hub, peer);",
    caught_by: /was shown twice/,
  },
  // What is written as one is asked as one
  {
    name: "a piece of a message is dropped",
    file: "src/sessions/turns.ts",
    find: "const whole = parts.reduce((sum, part) => join(sum, part.exchange.message), exchange.message);",
    replace:
      "const whole = parts.slice(1).reduce((sum, part) => join(sum, part.exchange.message), exchange.message);",
    caught_by: /was never answered/,
  },
  {
    name: "a piece of a message is asked again by itself",
    file: "src/sessions/turns.ts",
    find: '          exchanges.close(part.exchange, { outcome: "joined", said: null, usage: null });\n',
    replace: "",
    caught_by: /is still waiting|was asked again after a whole answer/,
  },
  {
    name: "the pieces of a message are asked one by one",
    file: "src/sessions/turns.ts",
    find: "      if (parts.length === 0) return;",
    replace: "      if (parts.length < 9) return;",
    caught_by: /was split from/,
  },
  {
    name: "an edit replaces the wrong message",
    file: "src/sessions/turns.ts",
    find: ".find(({ message }) => message.ref === ref);",
    replace: ".findLast(({ message }) => message.ref !== null);",
    caught_by: /the correction of q\d+ was asked with|was asked without its correction/,
  },
  {
    name: "an edit is not stored",
    file: "src/sessions/turns.ts",
    find: "    exchanges.move(exchange, { ...exchange.message, ...changed });",
    replace: "    void changed;",
    caught_by: /was asked without its correction/,
  },
  // In order, and where it belongs
  {
    name: "what an ended object left is taken up in the wrong order",
    file: "src/sessions/lane.ts",
    find: ".sort((a, b) => sequenceOf(a) - sequenceOf(b) || 0);",
    replace: ".toReversed();",
    caught_by: /was answered before/,
  },
  {
    name: "a message overtakes those that wait",
    file: "src/sessions/lane.ts",
    find: "while (place > 1 && sequenceOf(this.#jobs[place - 1] ?? job) > sequenceOf(job)) place--;",
    replace: "while (place > 1) place--;",
    caught_by: /was answered before/,
  },
  {
    name: "an answer replies to another message",
    file: "src/platforms/telegram/webhook.ts",
    find: 'reply_to_message_id: chat_type === "group" ? message.message_id : null,',
    replace: 'reply_to_message_id: chat_type === "group" ? message.message_id + 1 : null,',
    caught_by: /replies to something else/,
  },
  {
    name: "the people of a group share a session",
    file: "src/message/key.ts",
    find: 'else if (source.chat_type !== "dm" && source.user_id) parts.push(source.user_id);',
    replace: "",
    caught_by: /(asked about|answered) q?\d+/,
  },
  // The right model
  {
    name: "a session forgets its own last /model",
    file: "src/sessions/override.ts",
    find: "return own && this.#ownWins(own, now) ? own.value : (this.#read?.value ?? null);",
    replace: "return this.#read?.value ?? null;",
    caught_by: /was sent by .* had set another model/,
  },
  {
    name: "a late write-back overwrites a newer choice",
    file: "src/sessions/override.ts",
    find: "if (!this.#ownWins(own, now)) return false;",
    replace: "",
    caught_by: /after the operator had set another model/,
  },
  {
    name: "an operator's choice without a time is ignored",
    file: "src/sessions/override.ts",
    find: "return !own.shown && !isSettled(own, now);",
    replace: "return true;",
    caught_by: /after the operator had set another model/,
  },
  {
    name: "a chosen bundle's model goes to the route's endpoint",
    file: "src/routing/resolve.ts",
    find: 'if (entry !== undefined && isBundle(entry)) return over(bottom, entry, "override");',
    replace:
      'if (entry !== undefined && isBundle(entry)) return over(routed, { model: entry.model ?? "" }, "override");',
    caught_by: /went to \w+ as strong-model/,
  },
  // The conversation
  {
    name: "/new forgets nothing",
    file: "src/sessions/history.ts",
    find: "    this.#set({ from: seq + 1, window: 0, ...(kept && { before: kept }) });\n    this.#window = (this.#window ?? []).filter((entry) => entry.seq > seq);",
    replace: "    void kept;",
    caught_by: /from before \/new/,
  },
  {
    name: "an answer that was not delivered stays in the conversation",
    file: "src/sessions/deliver.ts",
    find: "else exchanges.done(exchange, kept && !stopped);",
    replace: "else exchanges.done(exchange, true);",
    caught_by: /whose answer was not delivered/,
  },
  // Answers that appear while they are written
  {
    name: "an answer appears where it is not to be shown before it is whole",
    file: "src/sessions/ask.ts",
    find: "live: bundle.live === false ? undefined : live",
    replace: "live",
    caught_by: /was answered before the answer was whole/,
  },
  {
    name: "each state is a message of its own",
    file: "src/platforms/telegram/live.ts",
    find: "      message_id === null\n",
    replace: "      message_id !== undefined\n",
    caught_by: /a half answer is left/,
  },
  {
    name: "the message that an answer grew in is forgotten when the object ends",
    file: "src/sessions/store/exchanges.ts",
    find: "    this.#write(exchange.seq, { live: message_id });\n",
    replace: "",
    caught_by: /a half answer is left/,
  },
  {
    name: "an answer does not take the place of its states",
    file: "src/sessions/deliver.ts",
    find: "...(index === 0 && exchange.live !== null && { message_id: exchange.live }),",
    replace: "",
    caught_by: /a half answer is left/,
  },
  {
    name: "a state is not waited for before the answer is sent",
    file: "src/sessions/live.ts",
    find: "    await this.#work;",
    replace: "",
    caught_by: /was shown half again after it was whole/,
  },
  {
    name: "states are shown as fast as they come",
    file: "src/sessions/live.ts",
    find: "Math.max(this.#live.pause_ms(address), asked)",
    replace: "1",
    caught_by: /was shown too often while it was written/,
  },
  {
    name: "an answer is lost with the message that its user has removed",
    file: "src/platforms/telegram/delivery.ts",
    find: 'if (message_id !== undefined && sent.error.reason === "no_message") {',
    replace: "if (sends > 9) {",
    caught_by: /was answered in part|was never answered/,
  },
  {
    name: "a change of unknown outcome is not repeated",
    file: "src/platforms/telegram/repeat.ts",
    find: 'passes(failure) ? "retry"',
    replace: '["unavailable", "gateway"].includes(failure.reason) ? "retry"',
    caught_by: /was answered in part|was never answered/,
  },
  {
    name: "the register is not told again of a session it did not hear of",
    file: "src/sessions/listing.ts",
    find: "this.#listedOn === null && isDone && dayOf(lastAt) === today && isTold()",
    replace: "dayOf(lastAt) === today",
    first_seed: 30_840,
    caught_by: /is not freed|is still (waiting|answered)/,
  },
  {
    name: "an object goes on whose alarm could not be stored",
    file: "src/lib/durable.ts",
    find: '        ctx.abort("the alarm could not be stored");\n',
    replace: "",
    caught_by: /and no alarm/,
  },
  // What is overheard
  {
    name: "what is overheard is asked",
    file: "src/http/webhooks.ts",
    find: "const { message, meanwhile, overheard = false } = event;",
    replace: "const { message, meanwhile } = event;\n      const overheard = false;",
    caught_by: /the overheard o\d+ was (answered|asked by itself)/,
  },
  {
    name: "all rooms are one",
    file: "src/message/key.ts",
    find: "sessionKey({ ...source, user_id: undefined });",
    replace: "`agent:main:telegram:group:rooms`;",
    caught_by: /was told with q\d+ of another room/,
    first_seed: 31,
  },
  {
    name: "what is overheard is kept for a week",
    file: "src/sessions/limits.ts",
    find: "export const KEEP_OVERHEARD_MS = 24 *",
    replace: "export const KEEP_OVERHEARD_MS = 7 * 24 *",
    caught_by: /was told after days/,
  },
  // Nothing grows, nothing goes on for ever
  {
    name: "the alarm rings on when there is nothing to do",
    file: "src/sessions/core.ts",
    find: "if (times.length > 0) this.#wake.at(Math.min(...times));",
    replace: "this.#wake.at(Math.min(now + WATCHDOG_AGAIN_MS, ...times));",
    caught_by: /idle/,
  },
  {
    name: "a request has no time limit",
    file: "src/lib/time.ts",
    find: "const timer = setTimeout(() => limit.abort(), ms);",
    replace: "const timer = setTimeout(() => limit.abort(), ms * 1e6);",
    caught_by: /still waits for something|is still (waiting|answered)|never comes to rest/,
  },
  {
    name: "no exchange makes room",
    file: "src/sessions/store/spare-rows.ts",
    find: "    if (!spare) return null;",
    replace: "    if (spare !== null) return null;",
    caught_by: /keeps \d+ exchanges/,
  },
  {
    name: "no session is freed",
    file: "src/sessions/session.ts",
    find: "    await this.ctx.storage.deleteAll();",
    replace: "",
    caught_by: /is not freed/,
  },
];
