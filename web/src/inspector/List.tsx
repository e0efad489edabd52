// The inspector's list: only the rows that can be seen are in the page, however many there are.

import { type KeyboardEvent, memo, useId, useLayoutEffect, useState } from "react";
import { useWords } from "../i18n";
import { isLine, type Line, type Shown } from "./exchanges";
import { ARROWS, sayBytes, sayTime, shortened } from "./format";
import { atEnd, movedBy, ROW_PX, reveal, rowsIn } from "./rows";
import { carries, lineOf } from "./said/phrase";
import { useDecoder, useSaid } from "./said/use";
import { useBox } from "./use";
import { words } from "./words";

interface Props {
  shown: readonly Shown[];
  /** Whether the newest row is kept in view. */
  following: boolean;
  opened: number | null;
  empty: string;
  /** Somebody looks at older rows, or at one in particular. */
  onHold: () => void;
  onOpen: (line: Line | null) => void;
}

/** What identifies a line in the list: its first record's number; a gap, what lies before it. */
const keyOf = (shown: Shown): string =>
  isLine(shown) ? `${shown.record.n}` : `gap-${shown.after}`;

export function List({ shown, following, opened, empty, onHold, onOpen }: Props) {
  const t = useWords(words);
  const id = useId();
  const [ref, { height }] = useBox<HTMLDivElement>();
  const [top, setTop] = useState(0);
  const [active, setActive] = useState<string | null>(null);
  const count = shown.length;

  // biome-ignore lint/correctness/useExhaustiveDependencies: it follows what is new, and the height
  useLayoutEffect(() => {
    if (following && ref.current) ref.current.scrollTop = count * ROW_PX;
  }, [following, shown, height]);

  const scrolled = (element: HTMLElement) => {
    setTop(element.scrollTop);
    if (following && !atEnd(element.scrollTop, element.clientHeight, count)) onHold();
  };

  const at = shown.findIndex((line) => keyOf(line) === active);
  // What was opened takes room from the list, and may hide its own row.
  useLayoutEffect(() => {
    if (!following && at >= 0 && ref.current) {
      ref.current.scrollTop = reveal(at, ref.current.scrollTop, height);
    }
  }, [following, at, height, ref]);

  const moveTo = (row: number) => {
    const to = Math.max(0, Math.min(row, count - 1));
    const line = shown[to];
    if (!line) return;
    onHold();
    setActive(keyOf(line));
  };

  const open = (row: number) => {
    const line = shown[row];
    if (!line || !isLine(line)) return;
    setActive(keyOf(line));
    onHold();
    onOpen(line.record.n === opened ? null : line);
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
        {shown.slice(from, to).map((line, n) => (
          <Row
            key={keyOf(line)}
            id={`${id}-${keyOf(line)}`}
            line={line}
            row={from + n}
            count={count}
            active={keyOf(line) === active}
            opened={isLine(line) && line.record.n === opened}
            onOpen={open}
          />
        ))}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  line: Shown;
  row: number;
  count: number;
  active: boolean;
  opened: boolean;
  onOpen: (row: number) => void;
}

/** One line; it moves up when older ones make way. */
const Row = memo(
  ({ id, line, row, count, active, opened, onOpen }: RowProps) => {
    const t = useWords(words);
    const pair = isLine(line);
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus, and all the keys
      <div
        id={id}
        role="option"
        tabIndex={-1}
        aria-selected={opened}
        aria-setsize={count}
        aria-posinset={row + 1}
        aria-disabled={!pair}
        className={`record${active ? " active" : ""}${pair ? "" : " gap"}`}
        data-way={pair ? wayOf(line) : undefined}
        data-kind={pair ? line.record.kind : undefined}
        data-quiet={(pair && line.quiet) || undefined}
        style={{ top: row * ROW_PX, height: ROW_PX }}
        onClick={() => onOpen(row)}
      >
        {pair ? <Cells line={line} /> : t("gap", { n: line.skipped })}
      </div>
    );
  },
  // Not `count` and `onOpen`: they are others with each record that comes. A line is made anew.
  (a, b) =>
    sameLine(a.line, b.line) && a.row === b.row && a.active === b.active && a.opened === b.opened,
);

function sameLine(one: Shown, other: Shown): boolean {
  if (!isLine(one) || !isLine(other)) return one === other;
  return one.record === other.record && one.response === other.response;
}

const wayOf = ({ record, response }: Line) => (response ? "both" : record.direction);

function Cells({ line }: { line: Line }) {
  const t = useWords(words);
  const say = useSaid();
  const decoded = useDecoder();
  const { record, response } = line;
  const way = wayOf(line);
  return (
    <>
      <span className="record-at">{sayTime((response ?? record).at_ms)}</span>
      <span className="record-way">
        <span aria-hidden="true">{ARROWS[way]}</span>
        <span className="hidden">{t(`way_${way}`)}</span>
      </span>
      <span className="record-connection">#{record.connection}</span>
      <span className="record-title">
        <span dir="auto">{leadOf(say, line)}</span>
        <em>{decoded(detailOf(say, line))}</em>
      </span>
      <span className="record-bytes">
        {record.bytes > 0 && <span data-way={record.direction}>{sayBytes(record.bytes)}</span>}
        {response && <span data-way="down"> {sayBytes(response.bytes)}</span>}
      </span>
    </>
  );
}

type Say = Parameters<typeof lineOf>[0];

/** What is said, and what came back where that says more than that it came. */
function leadOf(say: Say, { record, response }: Line): string {
  const asked = lineOf(say, record);
  const told = response && (carries(response) || response.says[0]?.name !== "ok");
  return told ? `${asked} → ${lineOf(say, response)}` : asked;
}

/** How the protocol calls it, and how long an answer took. */
function detailOf(say: Say, { record, response }: Line): string {
  if (record.kind === "request") {
    const waited = response
      ? say("took", { ms: Math.round(response.at_ms - record.at_ms) })
      : say("waits");
    return [waited, shortened(record.title), response?.title].filter(Boolean).join(" · ");
  }
  return record.kind === "frame" || record.kind === "part" ? record.title : "";
}
