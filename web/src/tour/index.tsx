// The walk-through: a card with something to do, above the real page in which it is done.

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLab } from "../app/lab";
import { hrefOf } from "../app/route";
import Chat from "../chat";
import { useWords } from "../i18n";
import Inspector from "../inspector";
import { Beside, useWide } from "../inspector/Beside";
import Race from "../race";
import { BENT_MS, STEPS, type Step, stepOf } from "./steps";
import { tourOf } from "./store";
import { words } from "./words";
import "./tour.css";

/** `step`: what follows `#/tour/`; empty for the beginning. */
export default function Tour({ step: name }: { step: string }) {
  const step = stepOf(name);
  return (
    <div className="tour">
      <Card step={step} />
      <div className="tour-page">{step === "race" ? <Race /> : <ChatAndWire />}</div>
    </div>
  );
}

function Card({ step }: { step: Step }) {
  const t = useWords(words);
  const store = tourOf(useLab());
  const done = useSyncExternalStore(store.subscribe, store.snapshot);
  const heading = useFocusOnChange(step);
  const at = STEPS.indexOf(step);
  return (
    <section className="tour-card" aria-label={t("title")}>
      <Steps current={step} done={done} />
      <h2 ref={heading} tabIndex={-1}>
        {t(step)}
      </h2>
      <p>{t(`${step}_text`)}</p>
      <p className="tour-do" data-done={done.has(step)}>
        <strong role="status">{t(done.has(step) ? "done" : "todo")}</strong>{" "}
        {t(`${step}_do`, { ms: BENT_MS })}
      </p>
      {done.size === STEPS.length && <p className="tour-all">{t("all_done")}</p>}
      <nav className="tour-ways" aria-label={t("steps")}>
        <Way to={STEPS[at - 1]} text={t("back")} />
        <button type="button" disabled={done.size === 0} onClick={() => store.forget()}>
          {t("again")}
        </button>
        <Way to={STEPS[at + 1]} text={t("next")} primary={done.has(step)} />
      </nav>
    </section>
  );
}

function Way({ to, text, primary }: { to: Step | undefined; text: string; primary?: boolean }) {
  if (!to) return <span />;
  return (
    <a className={primary ? "button primary" : "button"} href={hrefOf("tour", to)}>
      {text}
    </a>
  );
}

function Steps({ current, done }: { current: Step; done: ReadonlySet<Step> }) {
  const t = useWords(words);
  return (
    <ol className="tour-steps">
      {STEPS.map((step, n) => (
        <li key={step}>
          <a
            href={hrefOf("tour", step)}
            aria-current={step === current ? "step" : undefined}
            data-done={done.has(step)}
            title={t(step)}
          >
            <span aria-hidden="true">{done.has(step) ? "✓" : n + 1}</span>
            <span className="hidden">
              {t("step", { n: n + 1, all: STEPS.length, name: t(step) })}
              {done.has(step) && `, ${t("is_done")}`}
            </span>
          </a>
        </li>
      ))}
    </ol>
  );
}

/** Who goes to another step by key goes on from its heading. */
function useFocusOnChange(step: Step) {
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(step);
  useEffect(() => {
    if (shown.current !== step) heading.current?.focus();
    shown.current = step;
  }, [step]);
  return heading;
}

/** Side by side where there is room, else one or the other. */
function ChatAndWire() {
  const t = useWords(words);
  const wide = useWide();
  const [wire, setWire] = useState(false);
  if (wide) {
    return (
      <Beside>
        <Chat />
      </Beside>
    );
  }
  return (
    <>
      <fieldset className="tour-switch">
        <legend className="hidden">{t("show")}</legend>
        {[false, true].map((side) => (
          <button
            key={String(side)}
            type="button"
            aria-pressed={wire === side}
            onClick={() => setWire(side)}
          >
            {t(side ? "show_wire" : "show_chat")}
          </button>
        ))}
      </fieldset>
      <div className="tour-one">{wire ? <Inspector /> : <Chat />}</div>
    </>
  );
}
