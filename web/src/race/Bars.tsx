// After a race: who is quickest, as bars, and in one sentence.

import { titleOf } from "../chat/phrases";
import { words as chatWords } from "../chat/words";
import { useWords, type Words } from "../i18n";
import { type Bar, barsOf, type Difference, differenceOf, type Measure } from "./bars";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import type { Ranking } from "./ranking";
import { sayMs, sayTimes } from "./say";
import { words } from "./words";

type T = Words<keyof (typeof words)["en"]>;
type Title = (transport: string) => string;

export function Bars({ ranking, running }: { ranking: Ranking; running: boolean }) {
  const t = useWords(words);
  const ofTransports = useWords(chatWords);
  const title: Title = (transport) => titleOf(ofTransports, transport);
  const [handshakes, messages] = [barsOf(ranking, "handshake_ms"), barsOf(ranking, "rtt_ms")];
  return (
    <section className="bars" aria-label={t("bars")}>
      <p className="verdict" role="status">
        {running ? t("so_far") : verdictOf(handshakes, messages, t, title)}
      </p>
      <div className="charts">
        <Chart measure="handshake_ms" bars={handshakes} t={t} title={title} />
        <Chart measure="rtt_ms" bars={messages} t={t} title={title} />
      </div>
      <p className="tip">{t("spread")}</p>
    </section>
  );
}

function verdictOf(handshakes: readonly Bar[], messages: readonly Bar[], t: T, title: Title) {
  const [connect, message] = [differenceOf(handshakes), differenceOf(messages)];
  if (!connect || !message) return t("no_verdict");
  return t("verdict", {
    connect: clauseOf("connect", connect, t, title),
    message: clauseOf("message", message, t, title),
  });
}

function clauseOf(what: "connect" | "message", difference: Difference, t: T, title: Title) {
  const { quickest, slowest, ratio, clear } = difference;
  if (!clear) return t(`${what}_same`);
  return t(`${what}_clear`, {
    quickest: title(quickest.transport),
    least: sayMs(quickest.median),
    slowest: title(slowest.transport),
    most: sayMs(slowest.median),
    times: sayTimes(ratio),
  });
}

interface ChartProps {
  measure: Measure;
  bars: readonly Bar[];
  t: T;
  title: Title;
}

function Chart({ measure, bars, t, title }: ChartProps) {
  const longest = Math.max(...bars.map((bar) => Math.max(bar.median ?? 0, bar.high)));
  const quickest = bars[0]?.median ?? null;
  return (
    <section className="chart" aria-label={t(measure)}>
      <h3>
        {t(measure)} <small>{t(`${measure}_is`)}</small>
      </h3>
      <ol>
        {bars.map((bar) => (
          <li key={bar.transport} style={{ color: colourOf(bar.look) }}>
            <span className="bar-name">
              <Mark look={bar.look} />
              <span>{title(bar.transport)}</span>
            </span>
            <span className="bar-value">{sayBar(bar, quickest, t)}</span>
            <Track bar={bar} longest={longest} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function sayBar({ median, void: out }: Bar, quickest: number | null, t: T): string {
  if (median === null) return out ? t("does_not_count") : "–";
  const ms = t("ms", { n: sayMs(median) });
  if (quickest === null || median === quickest) return ms;
  return `${ms}, ${t("times", { n: sayTimes(median / quickest) })}`;
}

/** The median as a bar, and on it a line over the middle half of the values. */
function Track({ bar, longest }: { bar: Bar; longest: number }) {
  const share = (ms: number) => `${(100 * ms) / (longest || 1)}%`;
  return (
    <span className="bar-track" aria-hidden="true">
      {bar.median !== null && (
        <>
          <span className="bar-median" style={{ width: share(bar.median) }} />
          <span
            className="bar-spread"
            style={{ left: share(bar.low), width: share(bar.high - bar.low) }}
          />
        </>
      )}
    </span>
  );
}
