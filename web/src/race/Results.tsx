// After a race: the table, and where the result can go.

import { titleOf } from "../chat/phrases";
import { words as chatWords } from "../chat/words";
import { useWords, type Words } from "../i18n";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import { ENOUGH_FOR_P99, median, quantile } from "./quantile";
import { bytesEach, type Lane, type RaceResult, type Ranking, voidOf } from "./ranking";
import { fileName, sayMs } from "./say";
import type { RaceState, RaceStore } from "./store";
import { words } from "./words";

type Key = keyof (typeof words)["en"];
type T = Words<Key>;
type Noted = Key extends infer K
  ? K extends `note_${infer Transport}`
    ? Transport
    : never
  : never;

export function Results({ store, state }: { store: RaceStore; state: RaceState }) {
  const t = useWords(words);
  const { ranking, result } = state;
  if (!ranking) return null;
  const { transports, rounds, messages } = ranking.plan;
  const few = rounds * messages < ENOUGH_FOR_P99;
  return (
    <section className="results" aria-label={t("results")}>
      <h2>
        {t("results")} <small>{sayNetwork(ranking, t)}</small>
      </h2>
      <Table ranking={ranking} t={t} />
      <p className="tip">
        {t("clock")} {few && t("few", { n: ENOUGH_FOR_P99 })}
      </p>
      {transports.filter(isNoted).map((transport) => (
        <p key={transport} className="tip">
          {t(`note_${transport}`)}
        </p>
      ))}
      {result && <Export store={store} state={state} result={result} />}
    </section>
  );
}

/** A transport whose figures need an explanation. */
const isNoted = (transport: string): transport is Noted =>
  Object.hasOwn(words.en, `note_${transport}`);

function sayNetwork({ plan }: Ranking, t: T): string {
  const { delay_ms, jitter_ms } = plan.network;
  if (delay_ms === 0 && jitter_ms === 0) return t("straight");
  const shaped = t("shaped", { delay: delay_ms });
  return jitter_ms > 0 ? `${shaped}, ${t("jitter", { n: jitter_ms })}` : shaped;
}

function Table({ ranking, t }: { ranking: Ranking; t: T }) {
  const { plan, lanes } = ranking;
  const burst = plan.burst > 0;
  return (
    <section
      className="results-box"
      aria-label={t("table")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by key
      tabIndex={0}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{t("transport")}</th>
            <th scope="col">{t("handshake")}</th>
            <th scope="col">{t("median")}</th>
            <th scope="col">{t("p99")}</th>
            <th scope="col">{t("up")}</th>
            <th scope="col">{t("down")}</th>
            <th scope="col">{t("connections")}</th>
            <th scope="col">{t("requests")}</th>
            {burst && <th scope="col">{t("burst_rate")}</th>}
          </tr>
        </thead>
        <tbody>
          {plan.transports.map((transport, look) => (
            <Row
              key={transport}
              transport={transport}
              lane={lanes[transport]!}
              look={look}
              burst={burst}
              t={t}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  transport: string;
  lane: Lane;
  look: number;
  burst: boolean;
  t: T;
}

function Row({ transport, lane, look, burst, t }: RowProps) {
  const title = titleOf(useWords(chatWords), transport);
  const reason = voidOf(lane);
  const ms = (value: number | null) => (value === null ? "–" : t("ms", { n: sayMs(value) }));
  const each = bytesEach(lane);
  const bytes = (value: number | undefined) =>
    value === undefined ? "–" : t("bytes", { n: Math.round(value) });
  return (
    <tr className={reason === null ? undefined : "void"} data-transport={transport}>
      <th scope="row">
        <span style={{ color: colourOf(look) }}>
          <Mark look={look} />
        </span>
        {title}
        {reason !== null && (
          <strong>
            {t("void", { reason: lane.lost > 0 ? t("lost", { n: lane.lost }) : reason })}
          </strong>
        )}
      </th>
      <td>{ms(median(lane.handshake_ms))}</td>
      <td>{ms(median(lane.rtt_ms))}</td>
      <td>{ms(quantile(lane.rtt_ms, 0.99))}</td>
      <td>{bytes(each?.up)}</td>
      <td>{bytes(each?.down)}</td>
      <td>{lane.connections || "–"}</td>
      <td>{lane.requests || "–"}</td>
      {burst && <td>{rate(lane, t)}</td>}
    </tr>
  );
}

function rate({ burst }: Lane, t: T): string {
  if (!burst || burst.lost > 0) return "–";
  return t("per_s", { n: Math.round((burst.messages / burst.ms) * 1_000) });
}

interface ExportProps {
  store: RaceStore;
  state: RaceState;
  result: RaceResult;
}

function Export({ store, state, result }: ExportProps) {
  const t = useWords(words);
  const nothing = Object.keys(result.transports).length === 0;
  return (
    <div className="export">
      <button
        type="button"
        disabled={nothing || state.saved !== null}
        onClick={() => void store.save()}
      >
        {t("save")}
      </button>
      <button type="button" onClick={() => download(result)}>
        {t("download")}
      </button>
      <p className="tip" role="status">
        {nothing && t("nothing_to_save")}
        {state.saved && t("saved", { run: state.saved })}
        {state.unsaved && t("unsaved", { reason: state.unsaved })}
      </p>
    </div>
  );
}

function download(result: RaceResult): void {
  const blob = new Blob([JSON.stringify(result, null, 2), "\n"], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileName(new Date());
  link.click();
  // Some browsers begin to read it only after this turn.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
