// The form to join: a name, a room and a transport.

import { type FormEvent, useState } from "react";
import { useChat, useControl, useLab } from "../app/lab";
import { lasting } from "../app/storage";
import { useLocale, useWords } from "../i18n";
import { Picker } from "./Picker";
import { problemText } from "./phrases";
import { freeName, isRoomName } from "./room-link";
import type { ChatState } from "./state";
import { words } from "./words";

const STORED = "lab.join-form";

interface Former {
  name: string;
  room: string;
  transport: string;
}

function former(): Former {
  const stored = lasting.read(STORED);
  return { name: "", room: "lab", transport: "websocket", ...(stored ? JSON.parse(stored) : {}) };
}

/** Nobody need think of a second name: where the usual one is taken, another is suggested. */
function suggested(form: Former, presence: ChatState["presence"]): Former {
  return { ...form, name: freeName(form.name, presence.get(form.room)?.keys() ?? []) };
}

/** `link`: the room that the address names, "" where it names none. */
export function JoinForm({ link }: { link: string }) {
  const t = useWords(words);
  const locale = useLocale();
  const { chatStore } = useLab();
  const { hello } = useControl();
  const { problem, presence } = useChat();
  const led = link !== "" && isRoomName(link, hello?.limits);
  const inside = presence.get(link)?.size ?? 0;
  const [changed, setForm] = useState<Partial<Former>>({});
  const form = suggested({ ...former(), ...(led ? { room: link } : {}), ...changed }, presence);
  if (changed.name !== undefined) form.name = changed.name;
  const transports = hello?.transports ?? [];
  const transport = transports.find(({ name, available }) => name === form.transport && available);
  const change = (what: Partial<Former>) => setForm({ ...changed, ...what });

  const enter = (event: FormEvent) => {
    event.preventDefault();
    const [name, room] = [form.name.trim(), form.room.trim()];
    if (!transport || !name || !room) return;
    lasting.put(STORED, JSON.stringify({ ...form, name, room }));
    chatStore.enter(name, transport.name, room);
  };

  return (
    <form className="join-form" onSubmit={enter}>
      <div className="join-form-head">
        <h1>{t("door_title")}</h1>
        <p>{t("door_intro")}</p>
      </div>
      <div className="join-form-fields">
        <label>
          <span>{t("name")}</span>
          <input
            // biome-ignore lint/a11y/noAutofocus: the name is what is to be typed here first
            autoFocus
            required
            autoComplete="nickname"
            dir="auto"
            value={form.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        </label>
        <label>
          <span>{t("room")}</span>
          <input
            required
            autoComplete="off"
            dir="auto"
            value={form.room}
            onChange={(event) => change({ room: event.target.value })}
          />
        </label>
        <button type="submit" className="primary" disabled={!transport}>
          {transport?.unsafe ? t("enter_unsafe") : t("enter")}
        </button>
      </div>
      {link && (
        <p className="note">
          {led
            ? t(inside > 0 ? "link_leads" : "link_empty", { room: link, n: inside })
            : t("link_bad", { room_chars: hello?.limits.room_chars ?? "" })}
        </p>
      )}
      <div role="alert">
        {problem && problem.kind !== "server" && (
          <p className="note bad">{problemText(t, problem, hello?.limits, locale)}</p>
        )}
      </div>
      {hello ? (
        <Picker
          transports={transports}
          chosen={form.transport}
          onChoose={(name) => change({ transport: name })}
        />
      ) : (
        <p className="quiet">{t("waiting_for_server")}</p>
      )}
    </form>
  );
}
