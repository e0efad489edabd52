// One line of a conversation: what was said, or who came and went. All of it is shown as text.

import { memo, type ReactNode, useLayoutEffect, useMemo, useState } from "react";
import { useControl, useLab } from "../app/lab";
import { useLocale, useWords } from "../i18n";
import type { LoggedEvent, Message } from "../room";
import { folded, hueOf, msText } from "./phrases";
import type { Handled, Pending } from "./state";
import { words } from "./words";

interface Shown {
  entry: LoggedEvent;
  own: boolean;
  /** Whether the log has forgotten what stood before it. */
  gap: boolean;
  /** Where another day begins: its date. */
  day: ReactNode;
  /** Whether the same person spoke just before. */
  follows: boolean;
  rtt: number | undefined;
  handled: Handled | undefined;
  sending: boolean;
}

export const Entry = memo(function Entry({ entry, gap, day, ...shown }: Shown) {
  const t = useWords(words);
  return (
    <>
      {gap && <p className="mark">{t("gap")}</p>}
      {day}
      {entry.type === "message" ? <Said entry={entry} {...shown} /> : <Passed entry={entry} />}
    </>
  );
});

function Passed({ entry }: { entry: Exclude<LoggedEvent, Message> }) {
  const t = useWords(words);
  const text = t(entry.type === "arrived" ? "arrived" : entry.why, { name: entry.name });
  return (
    <p className="passed" dir="auto" data-seq={entry.seq}>
      {text}
    </p>
  );
}

function Said({
  entry,
  own,
  follows,
  rtt,
  handled,
  sending,
}: Omit<Shown, "gap" | "day" | "entry"> & { entry: Message }) {
  const t = useWords(words);
  const locale = useLocale();
  return (
    <article
      className="said"
      title={new Date(entry.at).toLocaleString(locale)}
      data-seq={entry.seq}
      data-own={own || undefined}
      data-follows={follows || undefined}
      style={{ "--hue": hueOf(entry.name) }}
    >
      {!follows && (
        <header>
          <bdi className="said-name">{entry.name}</bdi> <Time at={entry.at} />
        </header>
      )}
      <Text text={entry.text} />
      {own && (rtt !== undefined || sending) && (
        <p className="state">
          {rtt === undefined ? t("sending") : <Delivered rtt={rtt} handled={handled} />}
        </p>
      )}
    </article>
  );
}

/** How long it took: the network and the server, and apart from them the page until it is shown. */
function Delivered({ rtt, handled }: { rtt: number; handled: Handled | undefined }) {
  const t = useWords(words);
  const page = usePageMs(handled);
  const ms = msText(rtt);
  if (page === null) {
    return (
      <>
        <span aria-hidden="true">✓ {ms} ms</span>
        <span className="hidden">{t("delivered", { ms })}</span>
      </>
    );
  }
  return (
    <>
      <span aria-hidden="true">
        ✓ {ms} ms <span className="quiet">{t("page_took", { page: msText(page) })}</span>
      </span>
      <span className="hidden">{t("delivered_apart", { ms, page: msText(page) })}</span>
    </>
  );
}

/** From Enter until it was sent, and from the answer until it is shown here for the first time. */
function usePageMs(handled: Handled | undefined): number | null {
  const [shownAt, setShownAt] = useState<number | null>(null);
  useLayoutEffect(() => {
    if (handled) setShownAt((before) => before ?? performance.now());
  }, [handled]);
  if (!handled || shownAt === null) return null;
  return handled.sentAt - handled.pressedAt + Math.max(0, shownAt - handled.answeredAt);
}

/** A text that the server has not confirmed. */
export function Unsent({ room, one }: { room: string; one: Pending }) {
  const t = useWords(words);
  const { chatStore } = useLab();
  const limits = useControl().hello?.limits;
  return (
    <article className="said" data-own data-follows data-unsent={one.failed ?? "sending"}>
      <Text text={one.text} />
      <p className="state">
        {one.failed ? (
          <>
            <span className="bad">
              {t("not_sent", { why: t(one.failed, { ...limits, room, reason: one.failed }) })}
            </span>
            <button type="button" onClick={() => chatStore.again(room, one.key)}>
              {t("again")}
            </button>
            <button type="button" onClick={() => chatStore.discard(room, one.key)}>
              {t("discard")}
            </button>
          </>
        ) : (
          t(one.sentAt === null ? "waiting_line" : "sending")
        )}
      </p>
    </article>
  );
}

function Text({ text }: { text: string }) {
  const t = useWords(words);
  const [whole, setWhole] = useState(false);
  const lead = useMemo(() => folded(text), [text]);
  return (
    <>
      <p className="text" dir="auto">
        {whole ? text : (lead ?? text)}
      </p>
      {lead !== null && (
        <button type="button" className="fold" onClick={() => setWhole(!whole)}>
          {whole ? t("show_less") : t("show_all", { n: text.length })}
        </button>
      )}
    </>
  );
}

function Time({ at }: { at: number }) {
  const locale = useLocale();
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()}>
      {date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" })}
    </time>
  );
}
