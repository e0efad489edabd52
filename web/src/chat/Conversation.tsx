// What was said in a room. It stays at the newest message, unless one has scrolled up to read.

import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useLab } from "../app/lab";
import { useLocale, useWords } from "../i18n";
import type { LoggedEvent } from "../room";
import { follows, newDay } from "./days";
import { Entry, Unsent } from "./Entry";
import { SecondPerson } from "./SecondPerson";
import type { RoomState } from "./state";
import { gapBefore } from "./timeline";
import { words } from "./words";

/** So many entries are shown at first, and so many more when one asks for earlier ones. */
const WINDOW = 150;
/** So near to the end counts as at the end, in px. */
const NEAR_PX = 60;

export function Conversation({ room, me }: { room: RoomState; me: string }) {
  const t = useWords(words);
  const list = useRef<HTMLDivElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const [count, setCount] = useState(WINDOW);
  useWholeInPrint(setCount);
  const { entries, pending } = room;
  const from = useFrom(room, count, atEnd);
  const unsent = pending.filter(({ seq }) => seq === null);
  const sending = new Set(pending.map(({ seq }) => seq));

  const scrolled = () => {
    const { scrollHeight, scrollTop, clientHeight } = list.current!;
    setAtEnd(scrollHeight - scrollTop - clientHeight < NEAR_PX);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever came, it stays at the end
  useLayoutEffect(() => {
    if (atEnd) toEnd(list.current!);
  }, [atEnd, entries, unsent.length]);
  useEffect(() => {
    // Not by the ref: it is empty a moment before the watcher ends.
    const element = list.current!;
    const watcher = new ResizeObserver(() => {
      if (atEnd) toEnd(element);
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [atEnd]);

  return (
    <div className="conversation">
      <div
        className="messages"
        ref={list}
        role="log"
        aria-label={t("conversation", { room: room.room })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it
        tabIndex={0}
        onScroll={scrolled}
      >
        <Former entries={room.former} me={me} />
        {room.restarted && <p className="mark">{t("restarted")}</p>}
        <Earlier room={room} hidden={from} onMore={() => setCount(count + WINDOW)} />
        {entries.slice(from).map((entry, index) => {
          const at = from + index;
          const gap = gapBefore(room, at);
          return (
            <Entry
              key={entry.seq}
              entry={entry}
              own={entry.name === me}
              gap={gap}
              day={newDay(entries, at) ? <Day entry={entry} /> : null}
              follows={index > 0 && !gap && follows(entries[at - 1]!, entry)}
              rtt={room.rtts[entry.seq]}
              handled={room.handled[entry.seq]}
              sending={sending.has(entry.seq)}
            />
          );
        })}
        {room.inside && !unsent.length && !entries.some(({ type }) => type === "message") && (
          <p className="mark">{t("nobody_said")}</p>
        )}
        {room.inside && room.members.length === 1 && (
          <p className="mark">
            {t("alone")} <SecondPerson room={room.room} />
          </p>
        )}
        {unsent.map((one) => (
          <Unsent key={one.key} room={room.room} one={one} />
        ))}
      </div>
      {!atEnd && (
        <button type="button" className="to-end" onClick={() => toEnd(list.current!)}>
          ↓ {t("newest")}
        </button>
      )}
    </div>
  );
}

function toEnd(element: HTMLElement): void {
  element.scrollTop = element.scrollHeight;
}

/** The index of the first entry shown: it stays where it is while one reads further up. */
function useFrom({ entries }: RoomState, count: number, atEnd: boolean): number {
  const anchor = useRef(0);
  const usual = Math.max(0, entries.length - count);
  const anchored = entries.findIndex(({ seq }) => seq >= anchor.current);
  const from = atEnd ? usual : Math.min(usual, Math.max(0, anchored));
  anchor.current = entries[from]?.seq ?? 0;
  return from;
}

/** On paper there is nothing to scroll: all that is known is printed. */
function useWholeInPrint(setCount: (count: number) => void): void {
  useEffect(() => {
    const before = () => flushSync(() => setCount(Number.POSITIVE_INFINITY));
    const after = () => setCount(WINDOW);
    window.addEventListener("beforeprint", before);
    window.addEventListener("afterprint", after);
    return () => {
      window.removeEventListener("beforeprint", before);
      window.removeEventListener("afterprint", after);
    };
  }, [setCount]);
}

/** What only this page still knows: the server has begun the room anew. */
function Former({ entries, me }: { entries: RoomState["former"]; me: string }) {
  const t = useWords(words);
  if (entries.length === 0) return null;
  return (
    <section className="former" aria-label={t("former")}>
      <p className="mark">{t("former")}</p>
      {entries.map((entry, at) => (
        <Entry
          key={at}
          entry={entry}
          own={entry.name === me}
          gap={false}
          day={null}
          follows={at > 0 && follows(entries[at - 1]!, entry)}
          rtt={undefined}
          handled={undefined}
          sending={false}
        />
      ))}
    </section>
  );
}

function Day({ entry }: { entry: LoggedEvent }) {
  const locale = useLocale();
  if (entry.type !== "message") return null;
  const date = new Date(entry.at);
  return (
    <p className="mark">
      <time dateTime={date.toISOString()}>
        {date.toLocaleDateString(locale, { dateStyle: "full" })}
      </time>
    </p>
  );
}

function Earlier({
  room,
  hidden,
  onMore,
}: {
  room: RoomState;
  hidden: number;
  onMore: () => void;
}) {
  const t = useWords(words);
  const { chatStore } = useLab();
  const [busy, setBusy] = useState(false);
  if (room.entries.length === 0) return null;
  if (hidden === 0 && room.complete) return <p className="mark">{t("beginning")}</p>;
  const more = async () => {
    onMore();
    if (hidden > 0) return;
    setBusy(true);
    await chatStore.older(room.room);
    setBusy(false);
  };
  return (
    <p className="mark">
      <button type="button" disabled={busy || !room.inside} onClick={() => void more()}>
        {busy ? t("loading_earlier") : t("earlier")}
      </button>
    </p>
  );
}
