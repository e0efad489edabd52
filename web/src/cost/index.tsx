// What a chat costs: what is asked at the top, then the table, the arithmetic, what is assumed.

import { type FormEvent, useEffect, useState } from "react";
import { useWords, type Words } from "../i18n";
import { Arithmetic, Assumptions } from "./Arithmetic";
import {
  askCost,
  type Cost,
  FIELDS,
  FIRST,
  type Field,
  PER,
  type Per,
  type Plan,
  RangeProblem,
} from "./ask";
import { Costs } from "./Costs";
import { sayNumber } from "./format";
import { type Word, words } from "./words";
import "./cost.css";

export type T = Words<Word>;
const AFTER_RATE = FIELDS.indexOf("rate") + 1;

export default function CostView() {
  const t = useWords(words);
  const [plan, setPlan] = useState(FIRST);
  const [asked, setAsked] = useState(FIRST);
  const { cost, problem, busy } = useCost(asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ ...plan });
  };
  return (
    <section className="cost" aria-label={t("title")}>
      <h1>{t("title")}</h1>
      <p className="tip">{t("about")}</p>
      <form className="cost-plan" onSubmit={submit}>
        <PlanFields plan={plan} t={t} onChange={setPlan} />
        <button type="submit" className="primary">
          {t("compute")}
        </button>
      </form>
      <p className="tip" role="status">
        {busy && t("computing")}
      </p>
      {problem && (
        <p className="problem" role="alert">
          {sayProblem(problem, t)}
        </p>
      )}
      {cost && !problem && (
        <>
          <Costs cost={cost} t={t} />
          <p className="tip">
            {t("brackets")} {sayOrigin(cost, t)}
          </p>
          <Arithmetic cost={cost} t={t} />
          <Assumptions cost={cost} t={t} />
        </>
      )}
    </section>
  );
}

interface Answer {
  cost: Cost | null;
  problem: Error | null;
  busy: boolean;
}

/** The cost of the plan that was asked for last; the one before stays until it is there. */
function useCost(asked: Plan): Answer {
  const [answer, setAnswer] = useState<Answer>({ cost: null, problem: null, busy: true });
  useEffect(() => {
    const leaving = new AbortController();
    setAnswer(({ cost }) => ({ cost, problem: null, busy: true }));
    askCost(asked, leaving.signal).then(
      (cost) => setAnswer({ cost, problem: null, busy: false }),
      (problem: Error) => {
        if (!leaving.signal.aborted) setAnswer(({ cost }) => ({ cost, problem, busy: false }));
      },
    );
    return () => leaving.abort();
  }, [asked]);
  return answer;
}

function sayProblem(problem: Error, t: T): string {
  if (!(problem instanceof RangeProblem)) return t("failed", { reason: problem.message });
  const [low, high] = [problem.low, problem.high].map((median) => sayNumber({ median }));
  return t("range", { field: t(problem.field), low: low ?? null, high: high ?? null });
}

function sayOrigin({ own, reference }: Cost, t: T): string {
  return own ? t("own", { run: own, ...reference }) : t("reference", reference);
}

interface FieldsProps {
  plan: Plan;
  t: T;
  onChange: (plan: Plan) => void;
}

function PlanFields({ plan, t, onChange }: FieldsProps) {
  const amount = (field: Field) => (
    <label key={field}>
      {t(field)}
      <input
        inputMode="decimal"
        required
        value={plan[field]}
        onChange={(event) => onChange({ ...plan, [field]: event.target.value })}
      />
    </label>
  );
  const [before, after] = [FIELDS.slice(0, AFTER_RATE), FIELDS.slice(AFTER_RATE)];
  return (
    <>
      {before.map(amount)}
      <label>
        {t("per")}
        <select
          value={plan.per}
          onChange={(event) => onChange({ ...plan, per: event.target.value as Per })}
        >
          {PER.map((per) => (
            <option key={per} value={per}>
              {t(per)}
            </option>
          ))}
        </select>
      </label>
      {after.map(amount)}
    </>
  );
}
