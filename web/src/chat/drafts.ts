// What was written and not sent, by room: it is there again when somebody comes back or reloads.

import { tabs } from "../app/storage";

const STORED = "lab.drafts";

/** The texts of all rooms, as this tab keeps them. */
function all(): Record<string, string> {
  return JSON.parse(tabs.read(STORED) ?? "{}");
}

const known = new Map(Object.entries(all()));

export const draftOf = (room: string): string => known.get(room) ?? "";

export function putDraft(room: string, text: string): void {
  if (text) known.set(room, text);
  else known.delete(room);
  tabs.put(STORED, known.size > 0 ? JSON.stringify(Object.fromEntries(known)) : null);
}
