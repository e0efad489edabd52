// The tab's title says how much is unread, whatever view is shown.

import type { ChatStore } from "./chat-store";

const TITLE = "Transport Lab";

export function countInTitle(store: ChatStore): void {
  store.subscribe(() => {
    const rooms = [...store.snapshot().rooms.values()];
    const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
    document.title = unread ? `(${unread}) ${TITLE}` : TITLE;
  });
}
