// The race: choose transports, emulate a network, and see which transport is the fastest.

import { useSyncExternalStore } from "react";
import { useLab } from "../app/lab";
import { useWords } from "../i18n";
import { useBox } from "../inspector/use";
import { Bars } from "./Bars";
import { remainingMs, roundedSeconds } from "./estimate";
import { EXAMPLE_PASSES, EXAMPLE_RUN, example } from "./example";
import { Results } from "./Results";
import type { Ranking } from "./ranking";
import { Setup } from "./Setup";
import { Strips } from "./Strips";
import { type RaceState, raceOf } from "./store";
import { words } from "./words";
import "./race.css";

/** From here on what is asked stands beside how it stands; race.css has the same width. */
const WIDE_PX = 992;
const EXAMPLE = example();

export default function Race() {
  const t = useWords(words);
  const store = raceOf(useLab());
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const [box, { width }] = useBox<HTMLElement>();
  return (
    <section className="race" aria-label={t("title")} ref={box}>
      <div className="race-all">
        <div className="race-setup">
          <h1>{t("title")}</h1>
          <p className="tip">{t("about")}</p>
          <Setup
            running={state.running}
            wide={width >= WIDE_PX}
            // What goes wrong stands in the state, and below.
            onStart={(options, expected) =>
              void store.run(options, expected).catch(() => undefined)
            }
            onStop={() => store.stop()}
          />
        </div>
        <div className="race-track">
          <Track state={state} />
          <Results store={store} state={state} />
        </div>
      </div>
    </section>
  );
}

function Track({ state }: { state: RaceState }) {
  const t = useWords(words);
  const { ranking, running, problem } = state;
  const shown = ranking ?? EXAMPLE;
  return (
    <>
      {running && ranking && <Progress ranking={ranking} state={state} />}
      {problem && (
        <p className="problem" role="alert">
          {problem.kind === "failed" ? t("failed", { reason: problem.reason }) : t(problem.kind)}
        </p>
      )}
      {!ranking && (
        <p className="example">
          <strong>{t("example")}</strong> {t("example_of", { run: EXAMPLE_RUN, n: EXAMPLE_PASSES })}
        </p>
      )}
      <Bars ranking={shown} running={running} />
      <Strips ranking={shown} />
    </>
  );
}

function Progress({ ranking, state }: { ranking: Ranking; state: RaceState }) {
  const t = useWords(words);
  const { done, total } = ranking;
  const left = remainingMs(ranking, performance.now() - state.began, state.expected_ms);
  return (
    <p className="progress">
      <progress max={total} value={done} aria-label={t("progress")} />
      <span>
        {done < total
          ? t("running", { done, total, seconds: roundedSeconds(left) })
          : t("running_out", { total })}
      </span>
    </p>
  );
}
