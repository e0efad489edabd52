// The inspector's opened message: its bytes and their meaning side by side.

import { useEffect, useState } from "react";
import { ControlError, type Row, type WireRecord } from "../control";
import { useWords } from "../i18n";
import type { Feed } from "./feed";
import { words } from "./words";

interface Props {
  feed: Feed;
  record: WireRecord;
  onClose: () => void;
}

export function Opened({ feed, record, onClose }: Props) {
  const t = useWords(words);
  return (
    <section className="opened" aria-label={t("opened", { n: record.n })}>
      <header>
        <h2 data-way={record.direction}>{record.title}</h2>
        <button type="button" onClick={onClose}>
          {t("shut")}
        </button>
      </header>
      {record.meaning.length > 0 && (
        <ul className="meanings">
          {record.meaning.map((line, n) => (
            <li key={n}>{line}</li>
          ))}
        </ul>
      )}
      {record.bytes > 0 ? (
        <Bytes key={record.n} feed={feed} record={record.n} />
      ) : (
        <p className="tip">{t("no_bytes")}</p>
      )}
    </section>
  );
}

function Bytes({ feed, record }: { feed: Feed; record: number }) {
  const t = useWords(words);
  const [rows, setRows] = useState<Row[] | ControlError | null>(null);
  useEffect(() => {
    let wanted = true;
    feed.bytes(record).then(
      (found) => wanted && setRows(found),
      (error) => wanted && setRows(error as ControlError),
    );
    return () => {
      wanted = false;
    };
  }, [feed, record]);
  if (rows === null) return <p className="tip">{t("loading")}</p>;
  if (rows instanceof ControlError) {
    return (
      <p className="problem" role="alert">
        {rows.code === "forgotten" ? t("forgotten") : rows.message}
      </p>
    );
  }
  return <Dump rows={rows} />;
}

function Dump({ rows }: { rows: Row[] }) {
  const t = useWords(words);
  return (
    <section
      className="dump"
      aria-label={t("hex")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by key
      tabIndex={0}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">{t("offset")}</th>
            <th scope="col">{t("hex")}</th>
            <th scope="col">{t("text")}</th>
            <th scope="col">{t("meaning")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, n) => (
            <tr key={n} className={row.meaning ? "begins" : undefined}>
              <td>{row.offset.toString(16).padStart(6, "0")}</td>
              <td>{row.hex}</td>
              <td>{row.text}</td>
              <td>{row.meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
