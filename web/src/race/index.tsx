// The race: choose wires, bend the network, and watch who is how quick.

import { useSyncExternalStore } from "react";
import { useLab } from "../app/lab";
import { useWords } from "../i18n";
import { Results } from "./Results";
import { Setup } from "./Setup";
import { Strips } from "./Strips";
import type { Standing } from "./standing";
import { raceOf } from "./store";
import { words } from "./words";
import "./race.css";

export default function Race() {
  const t = useWords(words);
  const store = raceOf(useLab());
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const { standing, running, problem } = state;
  return (
    <section className="race" aria-label={t("title")}>
      <div className="race-all">
        <div className="race-setup">
          <h1>{t("title")}</h1>
          <p className="tip">{t("about")}</p>
          <Setup
            running={running}
            // What goes wrong stands in the state, and below.
            onStart={(options) => void store.run(options).catch(() => undefined)}
            onStop={() => store.stop()}
          />
        </div>
        <div className="race-track">
          {standing && <Progress standing={standing} />}
          {problem && (
            <p className="problem" role="alert">
              {problem.stopped ? t("stopped") : t("failed", { reason: problem.reason })}
            </p>
          )}
          {!standing && !problem && <p className="tip">{t("before")}</p>}
          {standing && <Strips standing={standing} />}
          <Results store={store} state={state} />
        </div>
      </div>
    </section>
  );
}

function Progress({ standing: { done, total } }: { standing: Standing }) {
  const t = useWords(words);
  return (
    <p className="progress">
      <progress max={total} value={done} aria-label={t("progress")} />
      <span>{t("running", { done, total })}</span>
    </p>
  );
}
