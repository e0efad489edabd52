// The inspector's opened line: what is in its message, or in a request and its response.

import { useEffect, useState } from "react";
import { ControlError, type Detail, type TransportRecord } from "../control";
import { useWords } from "../i18n";
import type { Line } from "./exchanges";
import { FrameHeader } from "./FrameHeader";
import type { Feed } from "./feed";
import { ARROWS } from "./format";
import { JsonTree } from "./JsonTree";
import { lineOf, phraseOf } from "./said/phrase";
import { useDecoder, useSaid } from "./said/use";
import { words } from "./words";
import "./detail.css";

interface Props {
  feed: Feed;
  line: Line;
  onClose: () => void;
}

export function LineDetail({ feed, line, onClose }: Props) {
  const t = useWords(words);
  const { record, response } = line;
  return (
    <section className="record-detail" aria-label={t("opened", { n: record.n })}>
      <button type="button" className="shut" onClick={onClose}>
        {t("shut")}
      </button>
      <One key={record.n} feed={feed} record={record} />
      {response && <One key={response.n} feed={feed} record={response} />}
    </section>
  );
}

function One({ feed, record }: { feed: Feed; record: TransportRecord }) {
  const t = useWords(words);
  const say = useSaid();
  const decoded = useDecoder();
  const detail = useDetail(feed, record);
  const found = detail instanceof ControlError ? null : detail;
  return (
    <article>
      <header>
        <h2 data-way={record.direction} dir="auto">
          <span aria-hidden="true">{ARROWS[record.direction]}</span> {lineOf(say, record)}
        </h2>
        <Copy text={() => textOf(lineOf(say, record), record, found)} />
      </header>
      <p className="tip">{decoded(record.title)}</p>
      {record.says.length > 1 && (
        <ul className="meanings">
          {record.says.map((meaning, n) => (
            <li key={n} dir="auto">
              {phraseOf(say, meaning)}
            </li>
          ))}
        </ul>
      )}
      {record.bytes === 0 && <p className="tip">{t("no_bytes")}</p>}
      {record.bytes > 0 && detail === null && <p className="tip">{t("loading")}</p>}
      {detail instanceof ControlError && (
        <p className="problem" role="alert">
          {detail.code === "forgotten" ? t("forgotten") : detail.message}
        </p>
      )}
      {found && <Inside detail={found} />}
    </article>
  );
}

/** What is inside; null until it has come. A record without bytes has nothing inside. */
function useDetail(feed: Feed, { n, bytes }: TransportRecord): Detail | ControlError | null {
  const [detail, setDetail] = useState<Detail | ControlError | null>(null);
  useEffect(() => {
    if (bytes === 0) return;
    let wanted = true;
    feed.detail(n).then(
      (found) => wanted && setDetail(found),
      (error) => wanted && setDetail(error as ControlError),
    );
    return () => {
      wanted = false;
    };
  }, [feed, n, bytes]);
  return detail;
}

function Inside({ detail }: { detail: Detail }) {
  const t = useWords(words);
  return (
    <>
      {detail.frame && <FrameHeader bits={detail.frame} />}
      {detail.headers.length > 0 && (
        <details className="headers">
          <summary>{t("headers", { n: detail.headers.length })}</summary>
          <dl>
            {detail.headers.map(([name, value], n) => (
              <div key={n}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {detail.json.map((text, n) => (
        <JsonTree key={n} text={text} />
      ))}
      {detail.headers.length > 0 ? (
        <details>
          <summary>{t("hex")}</summary>
          <Dump rows={detail.rows} />
        </details>
      ) : (
        <Dump rows={detail.rows} />
      )}
    </>
  );
}

const COPIED_MS = 1_500;

/** Where the browser lets a page write to the clipboard: on this machine, or over HTTPS. */
function Copy({ text }: { text: () => string }) {
  const t = useWords(words);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  if (!navigator.clipboard) return null;
  const copy = () => {
    navigator.clipboard.writeText(text()).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" onClick={copy}>
      {t(copied ? "copied" : "copy")}
    </button>
  );
}

/** A record as text: what it says, its headers, its JSON, its bytes. */
function textOf(said: string, { title }: TransportRecord, detail: Detail | null): string {
  const { headers = [], json = [], rows = [] } = detail ?? {};
  return [
    said,
    title,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...json,
    ...rows.map(({ offset, hex, text, meaning }) =>
      `${offsetOf(offset)}  ${hex.padEnd(47)}  ${text.padEnd(16)}  ${meaning}`.trimEnd(),
    ),
  ].join("\n");
}

const offsetOf = (offset: number): string => offset.toString(16).padStart(6, "0");

function Dump({ rows }: Pick<Detail, "rows">) {
  const t = useWords(words);
  const decoded = useDecoder();
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
              <td>{offsetOf(row.offset)}</td>
              <td>{row.hex}</td>
              <td>{row.hex ? row.text : decoded(row.text)}</td>
              <td>{decoded(row.meaning)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
