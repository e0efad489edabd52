// Every step of the computation with its numbers, and what is assumed.

import type { Cost, Row, Step } from "./ask";
import { sayMemory, sayNumber, sayTraffic } from "./format";
import type { T } from "./index";
import type { Word } from "./words";

export function Arithmetic({ cost, t }: { cost: Cost; t: T }) {
  return (
    <section className="cost-steps">
      <h2>{t("arithmetic")}</h2>
      <h3>{t("shared")}</h3>
      <Steps steps={cost.shared} t={t} />
      {cost.rows.map((row) => (
        <details key={row.transport}>
          <summary>{row.transport}</summary>
          <Steps steps={row.steps} t={t} />
          {row.missing.length > 0 && <p className="tip">{sayMissing(row, t)}</p>}
        </details>
      ))}
    </section>
  );
}

export function Assumptions({ cost, t }: { cost: Cost; t: T }) {
  return (
    <section>
      <h2>{t("assumed")}</h2>
      <ul className="tip">
        {cost.assumptions.map((key) => (
          <li key={key}>{t(`assume_${key}` as Word)}</li>
        ))}
      </ul>
    </section>
  );
}

function Steps({ steps, t }: { steps: readonly Step[]; t: T }) {
  return (
    <ul>
      {steps.map((step) => (
        <li key={step.key}>{sayStep(step, t)}</li>
      ))}
    </ul>
  );
}

function sayStep({ key, values, result }: Step, t: T): string {
  const said = Object.fromEntries(
    Object.entries(values).map(([name, span]) => [name, sayNumber(span)]),
  );
  const say = { memory: sayMemory, month: sayTraffic }[key] ?? sayNumber;
  return `${t(`step_${key}` as Word, said)} = ${say(result)}`;
}

function sayMissing({ missing, transport }: Row, t: T): string {
  const experiments = missing.map((name) => `--experiment ${name}`).join(" ");
  return t("missing", { experiments, transport });
}
