// One line of a conversation: what was said, or who came and went. All of it is shown as text.

import { memo, useMemo, useState } from "react";
import { useControl, useLab } from "../app/lab";
import { useLocale, useWords } from "../i18n";
import type { LoggedEvent, Message } from "../room";
import { folded, hueOf, msText } from "./phrases";
import type { Pending } from "./state";
import { words } from "./words";

interface Shown {
  entry: LoggedEvent;
  own: boolean;
  /** Whether the log has forgotten what stood before it. */
  gap: boolean;
  /** Whether the same person spoke just before. */
  follows: boolean;
  rtt: number | undefined;
  sending: boolean;
}

export const Entry = memo(function Entry({ entry, gap, ...shown }: Shown) {
  const t = useWords(words);
  return (
    <>
      {gap && <p className="mark">{t("gap")}</p>}
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
  sending,
}: Omit<Shown, "gap" | "entry"> & { entry: Message }) {
  const t = useWords(words);
  return (
    <article
      className="said"
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
          {rtt === undefined ? (
            t("sending")
          ) : (
            <>
              <span aria-hidden="true">✓ {msText(rtt)} ms</span>
              <span className="hidden">{t("delivered", { ms: msText(rtt) })}</span>
            </>
          )}
        </p>
      )}
    </article>
  );
}

/** A text that the server has not confirmed. */
export function Unsent({ room, one }: { room: string; one: Pending }) {
  const t = useWords(words);
  const { talk } = useLab();
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
            <button type="button" onClick={() => talk.again(room, one.key)}>
              {t("again")}
            </button>
            <button type="button" onClick={() => talk.discard(room, one.key)}>
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
