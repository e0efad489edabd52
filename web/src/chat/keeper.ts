// What outlives a reload: who one is, where, and what the server has not confirmed yet.

import { tabs } from "../app/storage";
import type { ChatState } from "./state";

export interface Kept {
  name: string;
  wire: string;
  current: string | null;
  rooms: { room: string; pending: { key: string; text: string }[] }[];
}

const STORED = "lab.chat";

/** In the tab's own storage: another tab is another person. */
export function keep(state: ChatState): void {
  const { name, wire, current } = state;
  if (!wire) {
    tabs.put(STORED, null);
    return;
  }
  const rooms = [...state.rooms.values()].map(({ room, pending }) => ({
    room,
    pending: pending.filter((one) => !one.failed).map(({ key, text }) => ({ key, text })),
  }));
  const kept: Kept = { name, wire, current, rooms };
  // Where megabytes wait for the connection, more than a tab may store, a reload begins at the door.
  tabs.put(STORED, JSON.stringify(kept));
}

export function kept(): Kept | null {
  const stored = tabs.read(STORED);
  return stored ? JSON.parse(stored) : null;
}
