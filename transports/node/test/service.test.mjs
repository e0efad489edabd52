/** The shell keeps the order of effects, also if a broadcast finds a member too slow. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { convert } from "../commands.mjs";
import { Rooms } from "../rooms.mjs";
import { ChatService } from "../service.mjs";
import { limits } from "./limits.mjs";

/** An outlet that records its calls for each member. */
class Outlet {
  inside = new Map();
  seen = new Map();
  onBroadcast = () => {};

  enter(member, room) {
    this.inside.set(room, [...(this.inside.get(room) ?? []), member]);
  }

  exit(member, room) {
    this.inside.set(room, this.inside.get(room).filter((other) => other !== member));
  }

  broadcast(room, event, skip) {
    for (const member of this.inside.get(room) ?? []) {
      if (member === skip) continue;
      this.deliver(member, [event]);
      this.onBroadcast(member, event);
    }
  }

  deliver(member, events) {
    this.seen.set(member, [...(this.seen.get(member) ?? []), ...events]);
  }
}

function den(count) {
  const outlet = new Outlet();
  const chat = new ChatService(new Rooms(limits()), outlet, () => 0);
  const members = Array.from({ length: count }, () => chat.attach());
  for (const member of members) {
    chat.receive(member, convert("join", { room: "den", name: `guest ${member}` }, 1), () => {});
  }
  return { chat, outlet, members };
}

test("a member found too slow in a broadcast departs when the broadcast is done", () => {
  const { chat, outlet, members } = den(3);
  const [first, second, third] = members;
  outlet.seen.clear();
  outlet.onBroadcast = (member, event) => {
    if (member === first && event.type === "message") chat.detach(first, "slow_consumer");
  };
  chat.receive(second, convert("say", { room: "den", text: "hello" }, 2), () => {});
  for (const member of [second, third]) {
    assert.deepEqual(outlet.seen.get(member).map((event) => event.type), ["message", "departed"]);
  }
});

test("a member that is gone receives nothing and sends nothing", () => {
  const { chat, outlet, members } = den(2);
  const [first, second] = members;
  chat.detach(first, "closed");
  chat.detach(first, "lost");
  outlet.seen.clear();
  chat.receive(first, convert("rooms", {}, 3), () => assert.fail("a member that is gone gets no reply"));
  chat.receive(second, convert("say", { room: "den", text: "alone" }, 2), () => {});
  assert.deepEqual([...outlet.seen.keys()], [second]);
});

test("an error leaves the service in working order", () => {
  const { chat, members } = den(1);
  const fail = () => {
    throw new Error("no");
  };
  assert.throws(() => chat.receive(members[0], convert("rooms", {}, 3), fail), { message: "no" });
  const replies = [];
  chat.receive(members[0], convert("rooms", {}, 4), (event) => replies.push(event.id));
  assert.deepEqual(replies, [4]);
});
