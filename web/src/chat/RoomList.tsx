// The rooms that one is in, with what is unread, and the way into another.

import { type FormEvent, useRef, useState } from "react";
import { useChat, useLab } from "../app/lab";
import { useWords } from "../i18n";
import { words } from "./words";

export function RoomList() {
  const t = useWords(words);
  const { chatStore } = useLab();
  const { rooms, current } = useChat();
  return (
    <nav className="rooms" aria-label={t("rooms")}>
      <h2>{t("rooms")}</h2>
      <ul>
        {[...rooms.values()].map(({ room, unread }) => (
          <li key={room} data-current={room === current || undefined}>
            <button
              type="button"
              className="room"
              aria-current={room === current ? "true" : undefined}
              onClick={() => chatStore.show(room)}
            >
              <bdi className="room-name">{room}</bdi>
              {unread > 0 && (
                <span className="unread">
                  <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
                  <span className="hidden">{t("unread", { n: unread })}</span>
                </span>
              )}
            </button>
            <button
              type="button"
              className="icon"
              aria-label={t("leave_room", { room })}
              title={t("leave_room", { room })}
              onClick={() => void chatStore.leave(room)}
            >
              ×
            </button>
          </li>
        ))}
      </ul>
      <JoinRoom />
    </nav>
  );
}

function JoinRoom() {
  const t = useWords(words);
  const { chatStore } = useLab();
  const [room, setRoom] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const join = (event: FormEvent) => {
    event.preventDefault();
    if (room.trim()) chatStore.join(room.trim());
    setRoom("");
  };
  return (
    <form className="join" onSubmit={join}>
      <input
        ref={input}
        aria-label={t("new_room")}
        placeholder={t("join_room")}
        autoComplete="off"
        dir="auto"
        value={room}
        onChange={(event) => setRoom(event.target.value)}
      />
      <button type="submit" className="icon" aria-label={t("join_room")} title={t("join_room")}>
        +
      </button>
    </form>
  );
}
