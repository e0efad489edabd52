// After a race: the table, and where the result can go.

import { useWords, type Words } from "../i18n";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import { ENOUGH_FOR_P99, median, quantile } from "./quantile";
import { fileName, sayMs } from "./say";
import { bytesEach, type Lane, type RaceResult, type Standing, voidOf } from "./standing";
import type { RaceState, RaceStore } from "./store";
import { words } from "./words";

type T = Words<keyof (typeof words)["en"]>;

export function Results({ store, state }: { store: RaceStore; state: RaceState }) {
  const t = useWords(words);
  const { standing, result } = state;
  if (!standing) return null;
  const few = standing.plan.rounds * standing.plan.messages < ENOUGH_FOR_P99;
  return (
    <section className="results" aria-label={t("results")}>
      <h2>
        {t("results")} <small>{sayNetwork(standing, t)}</small>
      </h2>
      <Table standing={standing} t={t} />
      <p className="tip">
        {t("clock")} {few && t("few", { n: ENOUGH_FOR_P99 })}
      </p>
      {result && <Export store={store} state={state} result={result} />}
    </section>
  );
}

function sayNetwork({ plan }: Standing, t: T): string {
  const { delay_ms, jitter_ms } = plan.network;
  if (delay_ms === 0 && jitter_ms === 0) return t("straight");
  const bent = t("bent", { delay: delay_ms });
  return jitter_ms > 0 ? `${bent}, ${t("jitter", { n: jitter_ms })}` : bent;
}

function Table({ standing, t }: { standing: Standing; t: T }) {
  const { plan, lanes } = standing;
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
            <th scope="col">{t("wire")}</th>
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
          {plan.wires.map((wire, look) => (
            <Row key={wire} wire={wire} lane={lanes[wire]!} look={look} burst={burst} t={t} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface RowProps {
  wire: string;
  lane: Lane;
  look: number;
  burst: boolean;
  t: T;
}

function Row({ wire, lane, look, burst, t }: RowProps) {
  const reason = voidOf(lane);
  const ms = (value: number | null) => (value === null ? "–" : t("ms", { n: sayMs(value) }));
  const each = bytesEach(lane);
  const bytes = (value: number | undefined) =>
    value === undefined ? "–" : t("bytes", { n: Math.round(value) });
  return (
    <tr className={reason === null ? undefined : "void"}>
      <th scope="row">
        <span style={{ color: colourOf(look) }}>
          <Mark look={look} />
        </span>
        {wire}
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
  const nothing = Object.keys(result.wires).length === 0;
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
