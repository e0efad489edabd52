// A JSON value that crossed the line, as a tree that opens and shuts.

import { useMemo } from "react";
import { useWords } from "../i18n";
import { words } from "./words";

/** So many members are shown of one object or array. */
const MOST = 100;
/** Deeper than that it is shut at first. */
const OPEN_TO = 1;

export function JsonTree({ text }: { text: string }) {
  const t = useWords(words);
  const value: unknown = useMemo(() => JSON.parse(text), [text]);
  return (
    <section className="json" aria-label={t("json")}>
      <Value name={null} value={value} depth={0} />
    </section>
  );
}

function Value({ name, value, depth }: { name: string | null; value: unknown; depth: number }) {
  const t = useWords(words);
  if (typeof value !== "object" || value === null) {
    return (
      <p>
        <Name name={name} />
        <span data-type={typeof value}>{JSON.stringify(value)}</span>
      </p>
    );
  }
  const members = Object.entries(value);
  return (
    <details open={depth <= OPEN_TO}>
      <summary>
        <Name name={name} />
        {Array.isArray(value) ? `[${members.length}]` : `{${members.length}}`}
      </summary>
      {members.slice(0, MOST).map(([key, each]) => (
        <Value key={key} name={key} value={each} depth={depth + 1} />
      ))}
      {members.length > MOST && <p>{t("more_items", { n: members.length - MOST })}</p>}
    </details>
  );
}

const Name = ({ name }: { name: string | null }) => (name === null ? null : <b>{name}: </b>);
