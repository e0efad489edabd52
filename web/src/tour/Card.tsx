// The tour's card: what to guess, what to do, and what was measured.

import { useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLab } from "../app/lab";
import { hrefOf } from "../app/route";
import { titleOf } from "../chat/phrases";
import { words as chatWords } from "../chat/words";
import { useWords, type Words } from "../i18n";
import { sayMs } from "../race/say";
import { Action } from "./Action";
import { sayValue } from "./say";
import { DELAY_MS, GUESSES, type Measured, STEPS, type Step, TURN } from "./steps";
import { isDone, type TourState, type TourStore, tourOf } from "./store";
import { words } from "./words";

type Key = keyof (typeof words)["en"];
type T = Words<Key>;

/** `unknown`: what a link called a step and is none; null: it was one. */
export function Card({ step, unknown }: { step: Step; unknown: string | null }) {
  const t = useWords(words);
  const store = tourOf(useLab());
  const state = useSyncExternalStore(store.subscribe, store.snapshot);
  const card = useRef<HTMLElement>(null);
  const heading = useFocusOnChange(step, card);
  const at = STEPS.indexOf(step);
  const done = isDone(state, step);
  return (
    <section className="tour-card" aria-label={t("title")} ref={card}>
      <header>
        <Steps current={step} state={state} />
        <nav className="tour-ways" aria-label={t("steps")}>
          <Way to={STEPS[at - 1]} text={t("back")} />
          <Way to={STEPS[at + 1]} text={t("next")} primary={done} />
        </nav>
      </header>
      {unknown !== null && (
        <p className="note warn" role="alert">
          {t("no_step", { name: unknown })}
        </p>
      )}
      <h2 ref={heading} tabIndex={-1}>
        {t(step)}
      </h2>
      <p className="tour-text">{t(`${step}_text`)}</p>
      <Task step={step} state={state} store={store} t={t} />
      {STEPS.every((one) => isDone(state, one)) && (
        <>
          <p className="tour-all">{t("all_done")}</p>
          <button type="button" className="tour-again" onClick={() => store.forget()}>
            {t("again")}
          </button>
        </>
      )}
    </section>
  );
}

interface TaskProps {
  step: Step;
  state: TourState;
  store: TourStore;
  t: T;
}

/** Guess, do, see: one of the three. */
function Task({ step, state, store, t }: TaskProps) {
  const guess = state.guesses[step];
  const found = state.measured[step];
  const phase = guess === undefined ? "guess" : found ? "see" : "do";
  const task = useFocusKept(phase);
  return (
    <div
      className="tour-do"
      data-phase={phase}
      data-done={phase === "see"}
      ref={task}
      tabIndex={-1}
    >
      <strong role="status">{t(`phase_${phase}`)}</strong>
      {guess === undefined && <Guess step={step} store={store} t={t} />}
      {guess !== undefined && !found && (
        <>
          <p className="tour-guess">
            {t("guessed")}: <b>{t(`${step}_unit`, { n: sayValue(step, guess) })}</b>
          </p>
          <Action step={step} state={state} store={store} />
        </>
      )}
      {guess !== undefined && found && (
        <>
          <Numbers step={step} guess={guess} found={found} t={t} />
          <Sentence step={step} found={found} t={t} />
          <button type="button" onClick={() => store.again(step)}>
            {t("guess_again")}
          </button>
        </>
      )}
    </div>
  );
}

function Guess({ step, store, t }: { step: Step; store: TourStore; t: T }) {
  return (
    <fieldset className="tour-guesses">
      <legend>{t(`${step}_question`, { ms: DELAY_MS })}</legend>
      {GUESSES[step].map((guess) => (
        <button key={guess} type="button" onClick={() => store.guess(step, guess)}>
          {t(`${step}_unit`, { n: sayValue(step, guess) })}
        </button>
      ))}
    </fieldset>
  );
}

interface NumbersProps {
  step: Step;
  guess: number;
  found: Measured;
  t: T;
}

function Numbers({ step, guess, found, t }: NumbersProps) {
  const most = Math.max(guess, found.value) || 1;
  return (
    <dl className="tour-numbers">
      {(["guessed", "measured"] as const).map((which) => {
        const value = which === "guessed" ? guess : found.value;
        return (
          <div key={which} data-which={which}>
            <dt>{t(which)}</dt>
            <dd>{t(`${step}_unit`, { n: sayValue(step, value) })}</dd>
            <span
              className="tour-bar"
              aria-hidden="true"
              style={{ width: `${(100 * value) / most}%` }}
            />
          </div>
        );
      })}
    </dl>
  );
}

function Sentence({ step, found, t }: { step: Step; found: Measured; t: T }) {
  const ofTransports = useWords(chatWords);
  const say = (name: string, fact: string | number): string => {
    if (typeof fact === "number") return TIMES.has(name) ? sayMs(fact) : String(fact);
    return name === "turns" ? turnsText(fact, t) : titleOf(ofTransports, fact);
  };
  const facts = Object.entries(found.facts).map(([name, fact]) => [name, say(name, fact)]);
  const values = { ...Object.fromEntries(facts), n: sayValue(step, found.value) };
  return <p>{t(`${step}_seen`, values)}</p>;
}

/** Facts that are times in ms. */
const TIMES: ReadonlySet<string> = new Set(["least", "most"]);

/** What each round trip was for; the ledger's own word where there is no other. */
function turnsText(turns: string, t: T): string {
  const isKnown = (key: string): key is Key => Object.hasOwn(words.en, key);
  return turns
    .split(TURN)
    .map((purpose) => (isKnown(`turn_${purpose}`) ? t(`turn_${purpose}` as Key) : purpose))
    .join(" → ");
}

function Way({ to, text, primary }: { to: Step | undefined; text: string; primary?: boolean }) {
  if (!to) return null;
  return (
    <a className={primary ? "button primary" : "button"} href={hrefOf("tour", to)}>
      {text}
    </a>
  );
}

function Steps({ current, state }: { current: Step; state: TourState }) {
  const t = useWords(words);
  return (
    <ol className="tour-steps">
      {STEPS.map((step, n) => (
        <li key={step}>
          <a
            href={hrefOf("tour", step)}
            aria-current={step === current ? "step" : undefined}
            data-done={isDone(state, step)}
            title={t(step)}
          >
            <span aria-hidden="true">{isDone(state, step) ? "✓" : n + 1}</span>
            <span className="hidden">
              {t("step", { n: n + 1, all: STEPS.length, name: t(step) })}
              {isDone(state, step) && `, ${t("is_done")}`}
            </span>
          </a>
        </li>
      ))}
    </ol>
  );
}

/** The button that was pressed is gone with its phase: its focus goes on to the task. */
function useFocusKept(phase: string) {
  const task = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the phase that takes the focus
  useEffect(() => {
    if (document.activeElement === document.body) task.current?.focus({ preventScroll: true });
  }, [phase]);
  return task;
}

/** Another step begins at its heading, for the keyboard and for the eye. */
function useFocusOnChange(step: Step, card: React.RefObject<HTMLElement | null>) {
  const heading = useRef<HTMLHeadingElement>(null);
  const [shown, setShown] = useState(step);
  useEffect(() => {
    if (shown === step) return;
    setShown(step);
    card.current?.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, [step, shown, card]);
  return heading;
}
