// The inspector's sequence diagram: the page at the left, the server at the right, time runs down.

import { useEffect, useRef } from "react";
import type { LedgerTurn } from "../control";
import { useWords } from "../i18n";
import { lineOf } from "./said/phrase";
import { useSaid } from "./said/use";
import { type Arrow, HEAD, layOut, ROW } from "./sequence";
import type { Handshake } from "./timeline";
import { useBox } from "./use";
import { words } from "./words";

const SLOPE = 8;
const TIMES_PX = 74;
const TURNS_PX = 58;
/** Of the type in which titles are set, a little wide. */
const CHAR_PX = 6.7;

interface Props {
  handshake: Handshake;
  turns: readonly LedgerTurn[];
  /** By record, when it had crossed the network. */
  arrived: ReadonlyMap<number, number>;
  /** Connect anew; null where nothing is connected. */
  onAgain: (() => void) | null;
}

export function Sequence({ handshake, turns, arrived, onAgain }: Props) {
  const t = useWords(words);
  const [ref, { width }] = useBox<HTMLElement>();
  const none = handshake.records.length === 0;
  useNewestInView(ref, handshake.records.length);
  return (
    <section className="sequence" aria-label={t("handshake")}>
      <div className="sequence-bar">
        <p className="tip">{none ? t("drawn_none") : t("turn_hint")}</p>
        <button type="button" disabled={!onAgain} onClick={onAgain ?? undefined}>
          {t("draw_again")}
        </button>
      </div>
      <section
        className="sequence-box"
        ref={ref}
        aria-label={t("diagram_box")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by key
        tabIndex={0}
      >
        {width > 0 && !none && (
          <Drawing handshake={handshake} turns={turns} arrived={arrived} width={width} />
        )}
      </section>
    </section>
  );
}

/** While it draws itself, the newest arrow is to be seen. */
function useNewestInView(ref: React.RefObject<HTMLElement | null>, count: number): void {
  const drawn = useRef(count);
  useEffect(() => {
    if (count > drawn.current && ref.current) ref.current.scrollTop = ref.current.scrollHeight;
    drawn.current = count;
  }, [ref, count]);
}

function Drawing({ handshake, turns, arrived, width }: Omit<Props, "onAgain"> & { width: number }) {
  const t = useWords(words);
  const { arrows, bands, joined, height } = layOut(handshake.records, turns, arrived);
  const [left, right] = [TIMES_PX, width - TURNS_PX];
  const label = t("diagram", { n: arrows.length, turns: bands.at(-1)?.turn ?? 0 });
  return (
    <svg width={width} height={height} role="img" aria-label={label}>
      {bands.map(({ turn, top, height: tall }) => (
        <g key={turn} className={turn % 2 ? "band odd" : "band"}>
          <rect x={0} y={top} width={width} height={tall} />
          <text x={right + 8} y={top + 17}>
            {t("turn", { n: turn })}
          </text>
        </g>
      ))}
      <Lifeline x={left} bottom={height} name={t("client")} />
      <Lifeline x={right} bottom={height} name={t("server")} />
      {arrows.map((arrow) => (
        <Drawn key={arrow.record.n} arrow={arrow} left={left} right={right} />
      ))}
      {joined && (
        <g className="joined">
          <path d={`M${left} ${joined.y}H${width}`} />
          <text x={right - 8} y={joined.y - 5}>
            {t("joined", { n: joined.turn })}
          </text>
        </g>
      )}
    </svg>
  );
}

function Lifeline({ x, bottom, name }: { x: number; bottom: number; name: string }) {
  return (
    <g className="lifeline">
      <path d={`M${x} ${HEAD - 8}V${bottom}`} />
      <text x={x} y={HEAD - 14}>
        {name}
      </text>
    </g>
  );
}

function Drawn({ arrow, left, right }: { arrow: Arrow; left: number; right: number }) {
  const { record, way, y, at_ms } = arrow;
  const say = useSaid();
  const own = record.kind === "request" || record.kind === "response";
  const said = own ? arrow.title : lineOf(say, record);
  const middle = (left + right) / 2;
  const room = Math.max(8, Math.floor((right - left - 12) / CHAR_PX));
  const title = said.length > room ? `${said.slice(0, room - 1)}…` : said;
  return (
    <g className={`arrow ${way}`}>
      <title>{[record.title, ...record.meaning].join("\n")}</title>
      <text className="at" x={left - 8} y={y + 30}>
        {at_ms !== null && `${at_ms.toFixed(1)} ms`}
      </text>
      <text className="on" x={left - 8} y={y + 16}>
        #{record.connection}
      </text>
      <text className="said" x={middle} y={y + 17}>
        {title}
      </text>
      <path className="shaft" pathLength={1} d={shaft(arrow, left, right)} />
      {way !== "end" && <path className="head" d={heads(arrow, left, right)} />}
      <text className="size" x={middle} y={y + ROW - 4}>
        {arrow.note}
      </text>
    </g>
  );
}

function shaft({ way, y }: Arrow, left: number, right: number): string {
  const line = y + 23;
  if (way === "down") return `M${right} ${line}L${left} ${line + SLOPE}`;
  if (way === "up") return `M${left} ${line}L${right} ${line + SLOPE}`;
  return `M${left} ${line + SLOPE / 2}H${right}`;
}

/** Where it arrives; for TCP's there and back on either side. */
function heads({ way, y }: Arrow, left: number, right: number): string {
  const tip = y + 23 + SLOPE;
  if (way === "down") return `M${left} ${tip}l9 -5v9z`;
  if (way === "up") return `M${right} ${tip}l-9 -5v9z`;
  const flat = y + 23 + SLOPE / 2;
  return `M${right} ${flat}l-9 -4.5v9zM${left} ${flat}l9 -4.5v9z`;
}
