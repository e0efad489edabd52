// The inspector's counters: exact, as the relay counts them, however few records are shown.

import type { Account, Counters } from "../control";
import { useWords } from "../i18n";
import { sayBytes } from "./format";
import { perMessage } from "./timeline";
import { words } from "./words";

export function Meter({
  counters,
  account,
}: {
  counters: Counters | null;
  account: Account | null;
}) {
  const t = useWords(words);
  const each = perMessage(account);
  const bytes = (n: number | null | undefined) =>
    n === null || n === undefined ? "–" : t("bytes", { n: sayBytes(n) });
  const { opened, live } = counters?.connections ?? { opened: 0, live: 0 };
  return (
    <dl className="meter" aria-label={t("counters")}>
      <Figure name={t("connections")} value={t("connections_live", { opened, live })} />
      <Figure name={t("requests")} value={sayBytes(counters?.requests ?? 0)} />
      <Figure name={t("up")} value={bytes(counters?.up_bytes ?? 0)} way="up" />
      <Figure name={t("down")} value={bytes(counters?.down_bytes ?? 0)} way="down" />
      <Figure name={t("up_each")} value={bytes(each.up)} way="up" />
      <Figure name={t("down_each")} value={bytes(each.down)} way="down" />
      {counters && counters.undecoded_bytes > 0 && (
        <Figure name={t("undecoded")} value={bytes(counters.undecoded_bytes)} />
      )}
    </dl>
  );
}

function Figure({ name, value, way }: { name: string; value: string; way?: "up" | "down" }) {
  return (
    <div data-way={way}>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
