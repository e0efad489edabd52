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

/** `beside`: it is a part of what the page is about. */
export default function Race({ beside = false }: { beside?: boolean }) {
  const t = useWords(words);
  const store = raceOf(useLab());
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const { standing, running, problem } = state;
  const Title = beside ? "h2" : "h1";
  return (
    <section className="race" aria-label={t("title")}>
      <div className="race-all">
        <div className="race-setup">
          <Title className="race-title">{t("title")}</Title>
          <p className="tip">{t("about")}</p>
          <Setup
            running={running}
            // What goes wrong stands in the state, and below.
            onStart={(options) => void store.run(options).catch(() => undefined)}
            onStop={() => store.stop()}
          />
        </div>
        <div className="race-track">
          {running && standing && <Progress standing={standing} />}
          {problem && (
            <p className="problem" role="alert">
              {problem.stopped ? t("stopped") : t("failed", { reason: problem.reason })}
            </p>
          )}
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
