// The inspector's timeline: what crossed the line, as it runs or held; searched, filtered, saved.

import { useEffect, useMemo, useState } from "react";
import { useChat } from "../app/lab";
import { overTls } from "../app/secure";
import type { TransportRecord } from "../control";
import { useWords } from "../i18n";
import { directed, has, isLine, type Line, lines, WAYS, type Way } from "./exchanges";
import type { Feed } from "./feed";
import { List } from "./List";
import { LineDetail } from "./RecordDetail";
import { lineOf } from "./said/phrase";
import { useSaid } from "./said/use";
import { FORMS, saveFile } from "./save";
import { FILTERS, type Filter, filtered, type Timeline } from "./timeline";
import { words } from "./words";

interface Looked {
  on: ReadonlySet<Filter>;
  way: Way;
  wanted: string;
}

/** The timeline as it runs, or as it was when somebody began to look at a part of it. */
export function Records({ feed, live }: { feed: Feed; live: Timeline }) {
  const t = useWords(words);
  const [held, setHeld] = useState<Timeline | null>(null);
  const [looked, setLooked] = useState<Looked>({ on: new Set(FILTERS), way: "both", wanted: "" });
  const [opened, setOpened] = useState<Line | null>(null);
  const timeline = held ?? live;
  const shown = useShown(timeline, looked);
  useEffect(() => {
    if (live.received === 0) setHeld(null);
  }, [live.received]);
  const current = opened && (shown.filter(isLine).find((line) => same(line, opened)) ?? opened);
  return (
    <>
      <div className="timeline-bar">
        <Search looked={looked} onChange={setLooked} />
        <Filters on={looked.on} onChange={(on) => setLooked({ ...looked, on })} />
        <button
          type="button"
          className="hold"
          aria-pressed={held !== null}
          onClick={() => setHeld(held ? null : live)}
        >
          {held ? t("go_live", { n: newer(live, held) }) : t("pause")}
        </button>
        <button type="button" onClick={() => feed.clear()}>
          {t("clear")}
        </button>
        <Save feed={feed} />
      </div>
      <List
        shown={shown}
        following={held === null}
        opened={opened?.record.n ?? null}
        empty={t(timeline.entries.length > 0 ? "nothing" : "empty")}
        onHold={() => setHeld((before) => before ?? live)}
        onOpen={setOpened}
      />
      <p className="sampled" data-some={live.skipped > 0}>
        {live.skipped > 0
          ? t("sampled", { n: live.skipped, all: live.skipped + live.received })
          : t("all", { n: live.received })}
      </p>
      {current && <LineDetail feed={feed} line={current} onClose={() => setOpened(null)} />}
    </>
  );
}

const same = (one: Line, other: Line): boolean => one.record.n === other.record.n;

const newer = (live: Timeline, held: Timeline): number =>
  Math.max(0, live.received + live.skipped - held.received - held.skipped);

/** The lines that somebody looks for. */
function useShown({ entries }: Timeline, { on, way, wanted }: Looked) {
  const t = useSaid();
  const paired = useMemo(() => lines(directed(filtered(entries, on), way)), [entries, on, way]);
  return useMemo(() => {
    const say = (record: TransportRecord) => lineOf(t, record);
    return wanted ? paired.filter((line) => has(line, wanted, say)) : paired;
  }, [paired, wanted, t]);
}

function Search({ looked, onChange }: { looked: Looked; onChange: (looked: Looked) => void }) {
  const t = useWords(words);
  return (
    <div className="search">
      <input
        type="search"
        aria-label={t("search")}
        placeholder={t("search")}
        autoComplete="off"
        value={looked.wanted}
        onChange={(event) => onChange({ ...looked, wanted: event.target.value })}
      />
      <select
        aria-label={t("direction")}
        value={looked.way}
        onChange={(event) => onChange({ ...looked, way: event.target.value as Way })}
      >
        {WAYS.map((way) => (
          <option key={way} value={way}>
            {t(`only_${way}`)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Save({ feed }: { feed: Feed }) {
  const t = useWords(words);
  const { transport } = useChat();
  const [busy, setBusy] = useState(false);
  const save = async (form: (typeof FORMS)[number]) => {
    setBusy(true);
    const text = await feed.file(form);
    if (text !== null) saveFile(form, transport ?? "", text);
    setBusy(false);
  };
  return FORMS.map((form) => (
    <button
      key={form}
      type="button"
      disabled={busy || transport === null}
      title={t(`save_${form}_hint`)}
      onClick={() => void save(form)}
    >
      {t(`save_${form}`)}
    </button>
  ));
}

interface FiltersProps {
  on: ReadonlySet<Filter>;
  onChange: (on: ReadonlySet<Filter>) => void;
}

function Filters({ on, onChange }: FiltersProps) {
  const t = useWords(words);
  const toggle = (filter: Filter) => {
    const next = new Set(on);
    if (!next.delete(filter)) next.add(filter);
    onChange(next);
  };
  return (
    <fieldset className="filters">
      <legend className="unseen">{t("show")}</legend>
      {FILTERS.filter((filter) => filter !== "tls" || overTls).map((filter) => (
        <label key={filter}>
          <input type="checkbox" checked={on.has(filter)} onChange={() => toggle(filter)} />
          {t(`filter_${filter}`)}
        </label>
      ))}
    </fieldset>
  );
}
