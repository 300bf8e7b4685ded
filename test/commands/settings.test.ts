import * as v from "valibot";
import { beforeEach, describe, expect, test } from "vitest";
import type { CommandContext } from "../../src/commands/command.ts";
import { COMMANDS, findCommand } from "../../src/commands/index.ts";
import type { Source } from "../../src/message/source.ts";
import { StoredHome } from "../../src/routing/home.ts";
import { SessionSettings } from "../../src/routing/settings.ts";
import type { CompiledRoutes } from "../../src/routing/types.ts";
import { routesWith, unscheduled } from "../support/setup.ts";

let settings: SessionSettings;
let home: StoredHome | null;
let override: boolean;
beforeEach(() => {
  settings = {};
  home = null;
  override = true;
});

const OWNER: Source = { platform: "telegram", chat_type: "dm", chat_id: "42", user_id: "42" };

const ROUTES = routesWith({
  base: {
    model: "m",
    provider: "custom",
    base_url: "https://llm.example/v1",
    api_key: null,
    api_mode: "chat_completions",
    params: { reasoning_effort: "low" },
  },
  personalities: { Terse: "Answer in one sentence.", pirate: "Talk like a pirate." },
});

/** What a command answers, as this source's. */
async function run(
  text: string,
  {
    kind = "owner",
    source = OWNER,
    routes = ROUTES,
  }: { kind?: CommandContext["kind"]; source?: Source; routes?: CompiledRoutes } = {},
): Promise<string> {
  const [name = "", ...args] = text.slice(1).split(" ");
  const command = findCommand(name);
  if (!command) throw new Error(`no /${name}`);
  const reply = await command.run(args.join(" "), {
    message: { delivery_id: "1", source, text, address: {}, received_at: 0 },
    kind,
    routes,
    env: {},
    now: Date.UTC(2026, 10, 24, 6, 39),
    commands: COMMANDS,
    session: {
      scheduler: unscheduled,
      override: async () => null,
      setOverride: async () => {
        override = false;
      },
      // As the store gives them back.
      settings: () => v.parse(SessionSettings, JSON.parse(JSON.stringify(settings))),
      setSettings: (value) => {
        settings = value;
      },
      setHome: async (value) => {
        home = v.parse(StoredHome, value);
      },
      openThread: async () => "",
      dropOverheard: async () => {},
      stop: () => ({ running: false, dropped: 0 }),
      seq: 7,
      clear: () => {},
      takeBackNew: async () => false,
      putBack: () => false,
      undo: () => null,
      retry: () => "nothing",
      parked: () => [],
      askParked: () => 0,
      dropParked: () => {},
      memory: null,
      status: () => ({ running: false, waiting: 0, messages: 0, parked: 0, last: null }),
      usage: () => [],
    },
  });
  return typeof reply === "string" ? reply : (reply?.text ?? "");
}

describe("/reasoning", () => {
  test("shows the route's level, then the one that was chosen, then the route's again", async () => {
    expect(await run("/reasoning")).toContain("Reasoning: low, as routes.yaml says");
    expect(await run("/reasoning HIGH")).toContain("Reasoning: high, from the next message on.");
    expect(settings).toEqual({ reasoning: "high" });
    expect(await run("/reasoning")).toContain("Reasoning: high, chosen here with /reasoning");
    expect(await run("/reasoning reset")).toBe("Reasoning: low, as routes.yaml says");
    expect(settings).toEqual({});
  });

  test("shows in /route as this chat's own", async () => {
    expect(await run("/route")).toContain("params: (not shown) ← base");
    settings = { reasoning: "high" };
    expect(await run("/route")).toContain("params: (not shown) ← override");
  });

  test("changes nothing for a level that there is not, and names the nearest", async () => {
    expect(await run("/reasoning hihg")).toContain("Did you mean `high`?");
    expect(settings).toEqual({});
  });

  test("completes levels as one types", () => {
    const names = findCommand("reasoning")
      ?.choices?.("m", ROUTES)
      .map(({ value }) => value);
    expect(names).toEqual(["minimal", "medium", "max"]);
  });
});

describe("/personality", () => {
  test("takes a name in any case, keeps the reasoning, and none takes it away", async () => {
    settings = { reasoning: "low" };
    expect(await run("/personality terse")).toContain("Personality: Terse");
    expect(settings).toEqual({ reasoning: "low", personality: "Terse" });
    expect(await run("/personality")).toContain("Personality: Terse\n\nChoose:\n/personality Terse\n");
    expect(await run("/personality none")).toContain("Personality: none");
    expect(settings).toEqual({ reasoning: "low" });
  });

  test("says what there is, what one may have meant, and what is gone", async () => {
    expect(await run("/personality pirat")).toContain("Did you mean `pirate`?");
    expect(settings).toEqual({});
    settings = { personality: "gone" };
    expect(await run("/personality")).toContain("gone, which routes.yaml does not have any more");
    const { personalities: _, ...routes } = ROUTES;
    expect(await run("/personality", { routes })).toContain("There are no personalities here");
  });
});

describe("/new", () => {
  test("returns to the route: model, reasoning and personality", async () => {
    settings = { reasoning: "max", personality: "pirate" };
    await run("/new");
    expect({ settings, override }).toEqual({ settings: {}, override: false });
  });

  test("keeps what its sender may not choose: others may share the session", async () => {
    settings = { reasoning: "max", personality: "pirate" };
    const access = { ...ROUTES.access, commands: { personality: ["stranger"] } } as const;
    await run("/new", { kind: "stranger", routes: { ...ROUTES, access } });
    expect({ settings, override }).toEqual({ settings: { reasoning: "max" }, override: true });
  });
});

describe("/sethome", () => {
  test("makes the owner's chat the home, and a group with its topic", async () => {
    expect(await run("/sethome")).toBe("This chat is the home on Telegram.");
    const at = "2026-11-24T06:39:00.000Z";
    expect(home).toEqual({ chat_id: "42", chat_type: "dm", set_by: "42", set_at: at });
    const source: Source = { ...OWNER, chat_type: "group", chat_id: "-100", thread_id: "7" };
    expect(await run("/set-home", { source })).toContain("everybody in it sees what goes there");
    expect(home).toMatchObject({ chat_id: "-100", chat_type: "group", thread_id: "7" });
  });

  test("changes nothing where routes.yaml has a home, and says which", async () => {
    const routes = { ...ROUTES, homes: { telegram: "-77" } };
    expect(await run("/sethome", { routes })).toBe("The home on Telegram is chat -77, as routes.yaml says.");
    expect(home).toBeNull();
  });

  test("is for owners, whatever access.commands says", async () => {
    const access = { ...ROUTES.access, commands: { sethome: ["stranger", "hub_peer"] } } as const;
    const routes = { ...ROUTES, access };
    expect(await run("/sethome", { kind: "stranger", routes })).toContain("Only an owner");
    const peer: Source = { platform: "hub", chat_type: "dm", chat_id: "hub:me", user_id: "peer" };
    expect(await run("/sethome", { kind: "hub_peer", source: peer, routes })).toContain("Only an owner");
    expect(home).toBeNull();
  });
});
