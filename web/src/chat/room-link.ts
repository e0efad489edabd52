// Links to rooms, `#/chat/<room>`: the address names the room that is shown, and leads there.

import { useEffect } from "react";
import { useChat, useLab } from "../app/lab";
import { hrefOf, parseRoute } from "../app/route";
import type { Limits } from "../room";

/** The room that the address names; null where it names none. */
function linked(): string | null {
  const { view, rest } = parseRoute(window.location.hash);
  return view === "chat" && rest ? rest : null;
}

/** Whether a room may be called so, as docs/room.md has it. */
export function isRoomName(name: string, limits: Limits | undefined): boolean {
  const most = limits?.room_chars ?? Number.POSITIVE_INFINITY;
  return name.trim() === name && [...name].length <= most && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
}

/** A name that nobody in a room has: the wanted one, or with a number. */
export function freeName(wanted: string, taken: Iterable<string>): string {
  const names = new Set(taken);
  for (let n = 2; wanted && n <= names.size + 2; n++) {
    const name = n === 2 && !names.has(wanted) ? wanted : `${wanted} ${n}`;
    if (!names.has(name)) return name;
  }
  return wanted;
}

/** Inside: a link leads to its room, and whatever room is shown, the address says it. */
export function useRoomLink(): void {
  const { chatStore } = useLab();
  const { current } = useChat();
  useEffect(() => {
    const follow = () => {
      const room = linked();
      const { phase, current } = chatStore.snapshot();
      if (room !== null && phase !== "idle" && room !== current) chatStore.join(room);
    };
    follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, [chatStore]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the store knows it before it is shown
  useEffect(() => {
    // Not what is shown now: a link that was just followed has changed it.
    const { current } = chatStore.snapshot();
    if (current === null || parseRoute(window.location.hash).view !== "chat") return;
    if (window.location.hash.startsWith("#/")) {
      window.history.replaceState(window.history.state, "", hrefOf("chat", current));
    }
  }, [chatStore, current]);
}
