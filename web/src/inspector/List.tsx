// The inspector's list: only the rows that can be seen are in the page, however many there are.

import { type KeyboardEvent, memo, useId, useLayoutEffect, useState } from "react";
import type { WireRecord } from "../control";
import { useWords } from "../i18n";
import { ARROWS, sayBytes, sayTime, shortened, tersely } from "./format";
import { atEnd, movedBy, ROW_PX, reveal, rowsIn } from "./rows";
import { type Entry, isGap } from "./timeline";
import { useBox } from "./use";
import { words } from "./words";

interface Props {
  entries: readonly Entry[];
  /** Whether the newest row is kept in view. */
  following: boolean;
  opened: number | null;
  empty: string;
  /** Somebody looks at older rows, or at one in particular. */
  onHold: () => void;
  onOpen: (record: WireRecord | null) => void;
}

/** What identifies an entry in the list: a record by its number, a gap by what lies before it. */
const keyOf = (entry: Entry): string => (isGap(entry) ? `gap-${entry.after}` : `${entry.n}`);

export function List({ entries, following, opened, empty, onHold, onOpen }: Props) {
  const t = useWords(words);
  const id = useId();
  const [ref, { height }] = useBox<HTMLDivElement>();
  const [top, setTop] = useState(0);
  const [active, setActive] = useState<string | null>(null);
  const count = entries.length;

  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what is new, and the height
  useLayoutEffect(() => {
    if (following && ref.current) ref.current.scrollTop = count * ROW_PX;
  }, [following, entries, height]);

  const scrolled = (element: HTMLElement) => {
    setTop(element.scrollTop);
    if (following && !atEnd(element.scrollTop, element.clientHeight, count)) onHold();
  };

  const at = entries.findIndex((entry) => keyOf(entry) === active);
  // What was opened takes room from the list, and may hide its own row.
  useLayoutEffect(() => {
    if (!following && at >= 0 && ref.current) {
      ref.current.scrollTop = reveal(at, ref.current.scrollTop, height);
    }
  }, [following, at, height, ref]);

  const moveTo = (row: number) => {
    const to = Math.max(0, Math.min(row, count - 1));
    const entry = entries[to];
    if (!entry) return;
    onHold();
    setActive(keyOf(entry));
  };

  const open = (row: number) => {
    const entry = entries[row];
    if (!entry || isGap(entry)) return;
    setActive(keyOf(entry));
    onHold();
    onOpen(entry.n === opened ? null : entry);
  };

  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const to = movedBy(event.key, at < 0 ? count : at, count, height);
    if (to !== null) moveTo(to);
    else if (event.key === "Enter" || event.key === " ") open(at);
    else if (event.key === "Escape") onOpen(null);
    else return;
    event.preventDefault();
  };

  const { from, to } = rowsIn(top, height, count);
  const seen = at >= from && at < to;
  return (
    <div
      ref={ref}
      className="records"
      role="listbox"
      tabIndex={0}
      aria-label={t("list")}
      aria-activedescendant={seen ? `${id}-${active}` : undefined}
      onScroll={(event) => scrolled(event.currentTarget)}
      onKeyDown={pressed}
    >
      {count === 0 && (
        <div role="option" tabIndex={-1} aria-selected={false} aria-disabled className="tip">
          {empty}
        </div>
      )}
      <div className="records-all" style={{ height: count * ROW_PX }} role="presentation">
        {entries.slice(from, to).map((entry, n) => (
          <Row
            key={keyOf(entry)}
            id={`${id}-${keyOf(entry)}`}
            entry={entry}
            row={from + n}
            count={count}
            active={keyOf(entry) === active}
            opened={!isGap(entry) && entry.n === opened}
            onOpen={open}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  entry: Entry;
  row: number;
  count: number;
  active: boolean;
  opened: boolean;
  onOpen: (row: number) => void;
}

/** One line; it moves up when older ones make way. */
const Row = memo(
  ({ id, entry, row, count, active, opened, onOpen }: RowProps) => {
    const t = useWords(words);
    const gap = isGap(entry);
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus, and all the keys
      <div
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={opened}
        aria-setsize={count}
        aria-posinset={row + 1}
        aria-disabled={gap}
        className={`record${active ? " active" : ""}${gap ? " gap" : ""}`}
        data-way={gap ? undefined : entry.direction}
        data-kind={gap ? undefined : entry.kind}
        style={{ top: row * ROW_PX, height: ROW_PX }}
        onClick={() => onOpen(row)}
      >
        {gap ? (
          t("gap", { n: entry.skipped })
        ) : (
          <Cells record={entry} way={t(`way_${entry.direction}`)} />
        )}
      </div>
    );
  },
  // Not `count` and `onOpen`: they are others with each record that comes.
  (a, b) =>
    a.entry === b.entry && a.row === b.row && a.active === b.active && a.opened === b.opened,
);

function Cells({ record, way }: { record: WireRecord; way: string }) {
  const { kind, title, meaning } = record;
  const own = kind === "request" ? shortened(title) : title;
  // What a frame says tells more than that it is one.
  const said = meaning.map(tersely).join(" · ");
  const [first, then] = said && (kind === "frame" || kind === "part") ? [said, own] : [own, said];
  return (
    <>
      <span className="record-at">{sayTime(record.at_ms)}</span>
      <span className="record-way">
        <span aria-hidden="true">{ARROWS[record.direction]}</span>
        <span className="hidden">{way}</span>
      </span>
      <span className="record-connection">#{record.connection}</span>
      <span className="record-title">
        <span>{first}</span>
        {then && <em>{then}</em>}
      </span>
      <span className="record-bytes">{record.bytes > 0 ? sayBytes(record.bytes) : ""}</span>
    </>
  );
}
