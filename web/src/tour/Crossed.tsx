// Where the inspector has no room: what crossed the chat's link, newest last, a line each.

import { useLayoutEffect, useRef } from "react";
import type { TransportRecord } from "../control";
import { useWords } from "../i18n";
import { ARROWS, sayBytes } from "../inspector/format";
import { lineOf } from "../inspector/said/phrase";
import { words as saidWords } from "../inspector/said/words";
import { type Entry, isGap } from "../inspector/timeline";
import { useFeed } from "../inspector/use";
import { words } from "./words";

const SHOWN = 40;

export function Crossed() {
  const t = useWords(words);
  const say = useWords(saidWords);
  const { state } = useFeed();
  const list = useRef<HTMLOListElement>(null);
  const records = state.timeline.entries.filter(isRecord).slice(-SHOWN);
  const newest = records.at(-1)?.n;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what is new
  useLayoutEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [newest]);
  return (
    <section className="crossed" aria-label={t("crossed")}>
      <h3>{t("crossed")}</h3>
      {records.length === 0 && <p className="quiet">{t("nothing_crossed")}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it */}
      <ol ref={list} tabIndex={0} aria-label={t("crossed")}>
        {records.map((record) => (
          <li key={record.n} data-way={record.direction}>
            <span aria-hidden="true">{arrowOf(record)}</span>
            <span className="crossed-said">{lineOf(say, record)}</span>
            <span className="crossed-bytes">
              {record.bytes > 0 && `${sayBytes(record.bytes)} B`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const isRecord = (entry: Entry): entry is TransportRecord => !isGap(entry);

const arrowOf = ({ direction }: TransportRecord): string =>
  direction === "none" ? ARROWS.none : ARROWS[direction];
