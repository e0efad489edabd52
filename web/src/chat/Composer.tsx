// Where one writes: Enter sends.

import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useControl, useLab } from "../app/lab";
import { useWords } from "../i18n";
import { draftOf, putDraft } from "./drafts";
import { bytesOf, typingText } from "./phrases";
import type { RoomState } from "./state";
import { words } from "./words";

/** From so little room left on the bytes are counted out. */
const NEAR = 2_000;

export function Composer({ room }: { room: RoomState }) {
  const t = useWords(words);
  const { chatStore } = useLab();
  const [text, setText] = useState(draftOf(room.room));
  const field = useRef<HTMLTextAreaElement>(null);
  const most = useControl().hello?.limits.text_bytes ?? Number.POSITIVE_INFINITY;
  // No character has more bytes than three for each code unit: most texts need no count.
  const left = text.length * 3 < most - NEAR ? most : most - bytesOf(text);

  useEffect(() => field.current?.focus(), []);

  const change = (next: string) => {
    setText(next);
    putDraft(room.room, next);
    if (next) chatStore.type(room.room);
  };
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    if (!text.trim() || left < 0) return;
    chatStore.say(room.room, text.toWellFormed());
    change("");
    field.current?.focus();
  };
  const press = (event: KeyboardEvent) => {
    // The Enter that ends the composition of a Korean syllable is not ours.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  return (
    <form className="composer" onSubmit={send}>
      <p className="typing quiet">
        <bdi>{typingText(t, [...room.typing.keys()])}</bdi>
      </p>
      <div className="composer-row">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={t("message", { room: room.room })}
          placeholder={t("placeholder", { room: room.room })}
          aria-invalid={left < 0}
          enterKeyHint="send"
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={press}
        />
        <button type="submit" className="primary" disabled={!text.trim() || left < 0}>
          {t("send")}
        </button>
      </div>
      <p className="hint quiet" role="status" data-over={left < 0 || undefined}>
        {left < 0 ? (
          t("bytes_over", { n: -left, most })
        ) : left < NEAR ? (
          t("bytes_left", { n: left })
        ) : (
          <span className="only-wide">{t("hint")}</span>
        )}
      </p>
    </form>
  );
}
