/** The room's transitions and its refusals, without a transport. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { convert } from "../commands.mjs";
import { Rooms, TRANSITIONS } from "../rooms.mjs";
import { limits } from "./limits.mjs";

const ANN = 1;
const BOB = 2;
const NOW_MS = 1_767_268_800_000;

/** Rooms in which Ann stands in `den`, Bob in `cellar`. */
function house(changed = {}) {
  const rooms = new Rooms(limits(changed));
  give(rooms, ANN, "join", { room: "den", name: "ann" });
  give(rooms, BOB, "join", { room: "cellar", name: "bob" });
  return rooms;
}

function give(rooms, member, name, payload, nowMs = NOW_MS) {
  return rooms.apply(member, convert(name, payload, 7), nowMs);
}

function kinds(effects) {
  return effects.map(({ kind, event, room }) => `${kind} ${event?.type ?? room ?? ""}`.trim());
}

function answer(effects) {
  return effects.find((effect) => effect.kind === "reply")?.event;
}

const PAYLOADS = {
  join: (room) => ({ room, name: "anna" }),
  leave: (room) => ({ room }),
  say: (room) => ({ room, text: "hello" }),
  typing: (room) => ({ room }),
  history: (room) => ({ room, limit: 9 }),
  rooms: () => ({}),
};

for (const [presence, rows] of Object.entries(TRANSITIONS)) {
  for (const [name, row] of Object.entries(rows)) {
    test(`${presence}: ${name} is answered as the table says`, () => {
      const rooms = house();
      const room = presence === "inside" ? "den" : "hall";
      const effects = give(rooms, ANN, name, PAYLOADS[name](room));
      const reply = answer(effects);
      const said = reply?.type === "refused" ? `refused ${reply.code}` : (reply?.type ?? "");
      assert.equal(said, row.reply);
      const seen = effects.filter((effect) => effect.kind === "broadcast");
      assert.deepEqual(
        seen.map((effect) => effect.event.type),
        row.seen === "" ? [] : [row.seen],
      );
      assert.equal(reply?.id ?? 7, 7);
    });
  }
}

test("a join announces, replies, replays what was missed, and only then enters", () => {
  const rooms = house();
  const effects = give(rooms, BOB, "join", { room: "den", name: "bob", after: 0 });
  assert.deepEqual(kinds(effects), ["broadcast arrived", "reply joined", "deliver", "enter den"]);
  assert.deepEqual(effects[2].events.map((event) => event.seq), [1, 2]);
});

test("a member that leaves exits before the others hear of it", () => {
  const effects = give(house(), ANN, "leave", { room: "den" });
  assert.deepEqual(kinds(effects), ["exit den", "reply left", "broadcast departed"]);
});

test("a key posts once, also after its author has joined again", () => {
  const rooms = house();
  const first = answer(give(rooms, ANN, "say", { room: "den", text: "hello", key: "k" }));
  rooms.gone(ANN, "lost");
  give(rooms, 3, "join", { room: "den", name: "ann" });
  const again = give(rooms, 3, "say", { room: "den", text: "hello", key: "k" }, NOW_MS + 1);
  assert.deepEqual(kinds(again), ["reply said"]);
  assert.deepEqual(answer(again), first);
});

test("a lost member departs from every room, with the reason", () => {
  const rooms = house();
  give(rooms, ANN, "join", { room: "attic", name: "anna" });
  const seen = rooms.gone(ANN, "slow_consumer").filter((effect) => effect.kind === "broadcast");
  assert.deepEqual(seen.map(({ event }) => [event.room, event.name, event.why]), [
    ["den", "ann", "slow_consumer"],
    ["attic", "anna", "slow_consumer"],
  ]);
  assert.deepEqual(rooms.gone(ANN, "closed"), []);
});

test("the replay for an `after` that no client can have seen is truncated", () => {
  const joined = answer(give(house(), BOB, "join", { room: "den", name: "bob", after: 99 }));
  assert.equal(joined.truncated, true);
});

test("rooms are listed in the order of code points", () => {
  const rooms = new Rooms(limits());
  for (const room of ["\u{1f44b}", "\uff5e", "a"]) {
    give(rooms, ANN, "join", { room, name: "ann" });
  }
  const { rooms: listed } = answer(give(rooms, ANN, "rooms", {}));
  assert.deepEqual(listed.map((room) => room.room), ["a", "\uff5e", "\u{1f44b}"]);
});

test("an empty room makes way for a new one, and begins anew", () => {
  const rooms = house({ rooms: 2 });
  give(rooms, ANN, "leave", { room: "den" });
  give(rooms, ANN, "join", { room: "attic", name: "ann" });
  give(rooms, ANN, "leave", { room: "attic" });
  assert.equal(answer(give(rooms, ANN, "join", { room: "den", name: "ann" })).seq, 1);
});

const REFUSED = [
  ["bad_name", "join", { room: "", name: "ann" }],
  ["bad_name", "join", { room: "r".repeat(65), name: "ann" }],
  ["bad_name", "join", { room: " attic", name: "ann" }],
  ["bad_name", "join", { room: "at\0tic", name: "ann" }],
  ["bad_name", "join", { room: "attic", name: "a\u202en" }],
  ["bad_name", "join", { room: "attic", name: "a\u00a0n" }],
  ["bad_name", "join", { room: "attic", name: "n".repeat(33) }],
  ["bad_name", "join", { room: "attic", name: "\u2800" }],
  ["bad_name", "join", { room: "attic", name: "a\u3164" }],
  ["bad_name", "join", { room: "attic", name: "\ufe0f" }],
  ["bad_name", "join", { room: "\u{1fadf}", name: "ann" }],
  ["name_taken", "join", { room: "cellar", name: "bob" }],
  ["already_in_room", "join", { room: "den", name: "" }],
  ["text_too_long", "say", { room: "den", text: "\u00e9".repeat(9) }, { text_bytes: 17 }],
  ["too_many_rooms", "join", { room: "cellar", name: "bob" }, { rooms_per_connection: 1 }],
  ["room_full", "join", { room: "cellar", name: "ann" }, { members_per_room: 1 }],
  ["server_full", "join", { room: "attic", name: "ann" }, { rooms: 2 }],
  ["too_fast", "leave", { room: "attic" }, { command_burst: 1 }],
];

for (const [code, name, payload, changed] of REFUSED) {
  test(`${name} ${JSON.stringify(payload).slice(0, 40)} is refused: ${code}`, () => {
    const rooms = house(changed);
    const refusal = answer(give(rooms, ANN, name, payload));
    assert.equal(refusal.code, code);
    assert.ok(refusal.reason);
    const after = answer(give(rooms, 3, "rooms", {})).rooms;
    assert.deepEqual(after, answer(give(house(), 3, "rooms", {})).rooms);
  });
}

test("a name of 32 code points is not too long, though it has more UTF-16 units", () => {
  const name = "\u{12000}".repeat(32);
  assert.equal(answer(give(house(), ANN, "join", { room: "attic", name })).type, "joined");
});

test("each life of a room has its own epoch, and a client resumes the life that it knows", () => {
  const rooms = new Rooms(limits({ rooms: 1 }), "life");
  const first = answer(give(rooms, ANN, "join", { room: "den", name: "ann" }));
  rooms.gone(ANN, "lost");
  const back = { room: "den", name: "ann", after: 1, epoch: first.epoch };
  const again = give(rooms, ANN, "join", back);
  assert.equal(answer(again).epoch, first.epoch);
  assert.equal(answer(again).truncated, false);
  assert.deepEqual(again.find(({ kind }) => kind === "deliver").events.map(({ seq }) => seq), [2, 3]);
  rooms.gone(ANN, "lost");
  give(rooms, ANN, "join", { room: "attic", name: "ann" });
  rooms.gone(ANN, "lost");
  const other = give(rooms, ANN, "join", { ...back, after: 0 });
  assert.notEqual(answer(other).epoch, first.epoch);
  assert.equal(answer(other).truncated, true);
  assert.deepEqual(other.find(({ kind }) => kind === "deliver").events.map(({ seq }) => seq), [1]);
});

test("rooms are listed page by page", () => {
  const rooms = new Rooms(limits({ page_rooms: 2 }));
  for (const room of ["c", "a", "b"]) give(rooms, ANN, "join", { room, name: "ann" });
  const page = (payload) => {
    const { rooms: listed, more } = answer(give(rooms, ANN, "rooms", payload));
    return [listed.map(({ room }) => room).join(""), more];
  };
  assert.deepEqual(page({}), ["ab", true]);
  assert.deepEqual(page({ limit: 9 }), ["ab", true]);
  assert.deepEqual(page({ limit: 1 }), ["a", true]);
  assert.deepEqual(page({ after: "b" }), ["c", false]);
  assert.deepEqual(page({ after: "bb" }), ["c", false]);
  assert.deepEqual(page({ after: "c" }), ["", false]);
});

test("an answer costs a token for each ten entries", () => {
  const rooms = new Rooms(limits({ commands_per_s: 1, command_burst: 12, page_events: 20 }));
  give(rooms, ANN, "join", { room: "den", name: "ann" });
  for (let n = 0; n < 9; n += 1) give(rooms, ANN, "say", { room: "den", text: "" });
  // Two tokens are left, and the page takes one for itself and one for its ten events.
  assert.equal(answer(give(rooms, ANN, "history", { room: "den", limit: 20 })).type, "page");
  assert.equal(answer(give(rooms, ANN, "rooms", {})).code, "too_fast");
});

test("input that is not a command takes a token", () => {
  const rooms = new Rooms(limits({ commands_per_s: 1, command_burst: 1 }));
  const refusal = { type: "refused", id: 7, code: "bad_command", reason: "not JSON" };
  assert.deepEqual(answer(rooms.refuse(ANN, refusal, NOW_MS)), refusal);
  const { id, code } = answer(rooms.refuse(ANN, refusal, NOW_MS));
  assert.deepEqual([id, code], [7, "too_fast"]);
});
