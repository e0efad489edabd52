// Inside: the rooms, the one that is shown, who is in it, and the transport that carries all of it.

import { useEffect, useState } from "react";
import { useChat, useLab } from "../app/lab";
import { useWords } from "../i18n";
import { Composer } from "./Composer";
import { ConnectionBar } from "./ConnectionBar";
import { Conversation } from "./Conversation";
import { Members } from "./Members";
import { RoomList } from "./RoomList";
import { useRoomLink } from "./room-link";
import { words } from "./words";

export function Rooms() {
  const t = useWords(words);
  const chat = useChat();
  const [showMembers, setShowMembers] = useState(false);
  useRoomKeys();
  useRoomLink();
  const room = chat.current === null ? undefined : chat.rooms.get(chat.current);
  return (
    <div className="chat" data-members={showMembers || undefined}>
      <RoomList />
      <section className="room-pane" aria-label={room?.room ?? t("rooms")}>
        <ConnectionBar
          room={room}
          showMembers={showMembers}
          onMembers={() => setShowMembers(!showMembers)}
        />
        {room ? (
          <>
            <Conversation key={room.room} room={room} me={chat.name} />
            <Composer key={`to ${room.room}`} room={room} />
          </>
        ) : (
          <p className="quiet empty">{t("no_room")}</p>
        )}
      </section>
      <Members
        room={room}
        me={chat.name}
        presence={chat.presence.get(room?.room ?? "")}
        onHide={() => setShowMembers(false)}
      />
    </div>
  );
}

/** Alt with an arrow goes to the room above or below, Alt with a digit to that room. */
function useRoomKeys(): void {
  const { chatStore } = useLab();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.altKey || event.ctrlKey || event.metaKey) return;
      const { rooms, current } = chatStore.snapshot();
      const names = [...rooms.keys()];
      const to = target(event, names, current);
      if (to === undefined) return;
      event.preventDefault();
      chatStore.show(to);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [chatStore]);
}

function target(event: KeyboardEvent, names: string[], current: string | null): string | undefined {
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (digit) return names[Number(digit) - 1];
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (step === undefined || names.length === 0) return undefined;
  return names[(names.indexOf(current ?? "") + step + names.length) % names.length];
}
