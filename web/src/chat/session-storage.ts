// What outlives a reload: who one is, where, and what the server has not confirmed yet.

import { tabs } from "../app/storage";
import type { ChatState } from "./state";

export interface Kept {
  name: string;
  transport: string;
  current: string | null;
  rooms: { room: string; pending: { key: string; text: string }[] }[];
}

const STORED = "lab.chat";

/** In the tab's own storage: another tab is another person. */
export function keep(state: ChatState): void {
  const { name, transport, current } = state;
  if (!transport) {
    tabs.put(STORED, null);
    return;
  }
  const rooms = [...state.rooms.values()].map(({ room, pending }) => ({
    room,
    pending: pending.filter((one) => !one.failed).map(({ key, text }) => ({ key, text })),
  }));
  const kept: Kept = { name, transport, current, rooms };
  // Where megabytes wait for the connection, more than a tab may store, a reload begins with the join form.
  tabs.put(STORED, JSON.stringify(kept));
}

export function kept(): Kept | null {
  const stored = tabs.read(STORED);
  return stored ? JSON.parse(stored) : null;
}
