// The table: a row for each transport.

import type { Cost, Row, Span } from "./ask";
import { sayMemory, sayNumber, sayTraffic } from "./format";
import type { T } from "./index";
import type { Word } from "./words";

export function Costs({ cost, t }: { cost: Cost; t: T }) {
  return (
    <section
      className="cost-box"
      aria-label={t("table")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by key
      tabIndex={0}
    >
      <table className="cost-table">
        <thead>
          <tr>
            <th scope="col">{t("transport")}</th>
            <th scope="col">{t("stack")}</th>
            <th scope="col">{t("cores")}</th>
            <th scope="col">{t("memory")}</th>
            <th scope="col">{t("month")}</th>
          </tr>
        </thead>
        <tbody>
          {cost.rows.map((row) => (
            <CostRow key={row.transport} row={row} t={t} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function CostRow({ row, t }: { row: Row; t: T }) {
  const cell = (span: Span | null, say: (span: Span) => string) =>
    span ? say(span) : t("not_measured");
  return (
    <tr>
      <th scope="row">{row.transport}</th>
      <td>{t(`stack_${row.stack}` as Word)}</td>
      <td>{cell(row.cores, sayNumber)}</td>
      <td>{cell(row.memory_bytes, sayMemory)}</td>
      <td>{cell(row.month_bytes, sayTraffic)}</td>
    </tr>
  );
}
