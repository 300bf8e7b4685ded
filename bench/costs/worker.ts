import { DurableObject } from "cloudflare:workers";
import routes from "talaria-routes";
import type { Variables } from "../../src/env.ts";
import { sqlOf } from "../../src/lib/durable.ts";
import type { InboundMessage } from "../../src/message/message.ts";
import { deaf } from "../../src/sessions/listener.ts";
import { Register } from "../../src/sessions/register.ts";
import { countParked } from "../../src/sessions/store/parked.ts";
import { addCosts, type Costs, CountedAlarm, CountedKv, countedSql, NOTHING } from "./count.ts";
import { chatId, heardBy, outside } from "./outside.ts";
import { MESSAGES_A_DAY, type Report, type Run, type Script } from "./run.ts";
import { MovedClock, Simulation, Work } from "./simulation.ts";

interface CostsEnv extends Variables {
  readonly CHATS: DurableObjectNamespace<Chat>;
  readonly REGISTER: DurableObjectNamespace<CountedRegister>;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const HALF_HOUR_MS = 30 * 60 * 1_000;
/** A midnight in UTC. */
const START = Date.UTC(2026, 0, 1);
/** Who may change the model, by bench/routes.yaml. */
const OWNER = "42";
const REDELIVERED_AFTER_MS = 10 * 60 * 1_000;

globalThis.fetch = outside;

/** What KV holds. It outlives the objects: the runtime ends those that wait for their next run. */
const overrides = new Map<string, string>();

/** Runs a part of a chat: `POST` with a `Run`, answered with its `Report`. */
export default {
  async fetch(request, env) {
    const run = await request.json<Run>();
    return Response.json(await env.CHATS.getByName(`${run.chat}`).run(run));
  },
} satisfies ExportedHandler<CostsEnv>;

/** A session's code over counted storage, and its chat. */
export class Chat extends DurableObject<CostsEnv> {
  async run({ chat, script, from, messages }: Run): Promise<Report> {
    const costs = { ...NOTHING };
    const id = chatId(chat, script.blocked === true);
    const { sends } = heardBy(id);
    const clock = new MovedClock(timeOf(from, script) - 2_000);
    const alarm = new CountedAlarm(costs);
    const work = new Work();
    const register = this.env.REGISTER.getByName("register");
    const name = `agent:main:telegram:dm:${chat}`;
    const sql = countedSql(this.ctx.storage, costs);
    const simulation = new Simulation(
      { clock, alarm, work, costs },
      {
        name,
        sql,
        alarm,
        lifetime: work,
        clock,
        kv: new CountedKv(costs, overrides),
        routes,
        env: this.env,
        enlist: async () => {
          costs.object_requests++;
          addCosts(costs, await register.enlist(name, clock.now()));
        },
        hear: null,
        runs: null,
        scheduler: () => {
          throw new Error("there is no scheduler here");
        },
        overheard: deaf(sql),
        roomOf: () => ({ overheard: async () => [], dropOverheard: async () => {} }),
        conversationOf: async () => [],
        settingsOf: async () => ({}),
      },
    );
    let duplicates = 0;
    const counted = { ...NOTHING };
    for (let number = from; number < from + messages; number++) {
      const at = timeOf(number, script);
      if (script.before) {
        const said = { text: script.before, delivery_id: `telegram:123456:${number}-before` };
        await simulation.deliver({ ...messageOf(id, number, script, at), ...said }, at - 1_000);
      }
      const message = messageOf(id, number, script, at);
      await simulation.deliver(message, at);
      if (!script.redelivered) continue;
      await simulation.until(at + REDELIVERED_AFTER_MS);
      const before = { ...costs };
      if ((await simulation.deliver(message, clock.now())) === "duplicate") duplicates++;
      addCosts(counted, costs, before);
    }
    // The watchdog of the last message.
    await simulation.until(clock.now() + REDELIVERED_AFTER_MS);
    return {
      costs: script.redelivered ? counted : costs,
      sends: heardBy(id).sends - sends,
      last: heardBy(id).last,
      duplicates,
      parked: countParked(sqlOf(this.ctx.storage), 0),
      bytes: this.ctx.storage.sql.databaseSize,
    };
  }
}

/** The register, its storage counted. */
export class CountedRegister extends DurableObject<CostsEnv> {
  async enlist(session: string, now: number): Promise<Costs> {
    const costs = { ...NOTHING };
    const looked = () => Promise.reject(new Error("the simulation looks at its sessions by itself"));
    const register = new Register(countedSql(this.ctx.storage, costs), () => ({
      look: looked,
      free: looked,
    }));
    register.enlist(session, now);
    return costs;
  }
}

/** When a message comes: bursts are spread evenly over the day, and half an hour off the looks of the register. */
function timeOf(number: number, { burst }: Script): number {
  const apart = (DAY_MS * burst) / MESSAGES_A_DAY;
  return START + HALF_HOUR_MS + Math.floor(number / burst) * apart + (number % burst) * 1_000;
}

/** A private message as the Telegram webhook hands it to its session. */
function messageOf(id: number, number: number, script: Script, at: number): InboundMessage {
  return {
    delivery_id: `telegram:123456:${number}`,
    sequence: number,
    source: {
      platform: "telegram",
      chat_type: "dm",
      chat_id: String(id),
      user_id: OWNER,
      user_name: "Ada",
    },
    text: number === 0 ? (script.first ?? script.text) : script.text,
    address: { chat_id: id, message_thread_id: null, reply_to_message_id: null },
    received_at: at,
  };
}
