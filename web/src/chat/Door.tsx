// The door: a name, a room and a wire.

import { type FormEvent, useState } from "react";
import { useChat, useControl, useLab } from "../app/lab";
import { lasting } from "../app/storage";
import { useLocale, useWords } from "../i18n";
import { Picker } from "./Picker";
import { problemText } from "./phrases";
import { words } from "./words";

const STORED = "lab.door";

interface Former {
  name: string;
  room: string;
  wire: string;
}

function former(): Former {
  const stored = lasting.read(STORED);
  return { name: "", room: "lab", wire: "websocket", ...(stored ? JSON.parse(stored) : {}) };
}

export function Door() {
  const t = useWords(words);
  const locale = useLocale();
  const { talk } = useLab();
  const { hello } = useControl();
  const { problem } = useChat();
  const [form, setForm] = useState(former);
  const wires = hello?.wires ?? [];
  const wire = wires.find(({ name, available }) => name === form.wire && available);
  const change = (what: Partial<Former>) => setForm({ ...form, ...what });

  const enter = (event: FormEvent) => {
    event.preventDefault();
    const [name, room] = [form.name.trim(), form.room.trim()];
    if (!wire || !name || !room) return;
    lasting.put(STORED, JSON.stringify({ ...form, name, room }));
    talk.enter(name, wire.name, room);
  };

  return (
    <form className="door" onSubmit={enter}>
      <div className="door-head">
        <h1>{t("door_title")}</h1>
        <p>{t("door_intro")}</p>
      </div>
      <div className="door-fields">
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
        <button type="submit" className="primary" disabled={!wire}>
          {wire?.unsafe ? t("enter_unsafe") : t("enter")}
        </button>
      </div>
      <div role="alert">
        {problem && problem.kind !== "server" && (
          <p className="note bad">{problemText(t, problem, hello?.limits, locale)}</p>
        )}
      </div>
      {hello ? (
        <Picker wires={wires} chosen={form.wire} onChoose={(name) => change({ wire: name })} />
      ) : (
        <p className="quiet">{t("waiting_for_server")}</p>
      )}
    </form>
  );
}
