// The wire inspector: what crosses the chat's line, as it crosses it. A view, or beside the chat.

import { type KeyboardEvent, useEffect, useState } from "react";
import { useChat, useLab } from "../app/lab";
import { hrefOf } from "../app/route";
import type { WireRecord } from "../control";
import { useWords } from "../i18n";
import { Bender } from "./Bender";
import type { Feed } from "./feed";
import { List } from "./List";
import { Meter } from "./Meter";
import { Opened } from "./Opened";
import { Sequence } from "./Sequence";
import { FILTERS, type Filter, filtered, type Timeline } from "./timeline";
import { useFeed } from "./use";
import { words } from "./words";
import "./inspector.css";

const PANES = ["timeline", "handshake", "network"] as const;
type Pane = (typeof PANES)[number];

/** `beside`: it is not what the page is about, but stands next to it. */
export default function Inspector({ beside = false }: { beside?: boolean }) {
  const t = useWords(words);
  const { feed, state } = useFeed();
  const Title = beside ? "h2" : "h1";
  const [pane, setPane] = useState<Pane>("timeline");
  const { talk } = useLab();
  const { wire } = useChat();
  return (
    <section className="inspector" aria-label={t("title")}>
      <Title className="inspector-title">{t("title")}</Title>
      <Meter counters={state.timeline.counters} />
      {state.problem && (
        <p className="problem" role="alert">
          {state.problem}
        </p>
      )}
      {state.line === null && (
        <p className="tip">
          {t("no_line")} <a href={hrefOf("chat")}>{t("to_chat")}</a>
        </p>
      )}
      <Panes pane={pane} onChange={setPane} />
      <div className="panes">
        <div
          id="pane-timeline"
          role="tabpanel"
          aria-label={t("timeline")}
          data-on={pane === "timeline"}
        >
          <Watched key={state.line} feed={feed} live={state.timeline} />
        </div>
        <div
          id="pane-handshake"
          role="tabpanel"
          aria-label={t("handshake")}
          data-on={pane === "handshake"}
        >
          <Sequence
            handshake={state.timeline.handshake}
            onAgain={wire === null ? null : () => void talk.switchTo(wire)}
          />
        </div>
        <div
          id="pane-network"
          role="tabpanel"
          aria-label={t("network")}
          data-on={pane === "network"}
        >
          <Bender feed={feed} state={state} />
        </div>
      </div>
    </section>
  );
}

/** Where there is room for all panes at once, the style sheet leaves the tabs out. */
function Panes({ pane, onChange }: { pane: Pane; onChange: (pane: Pane) => void }) {
  const t = useWords(words);
  const pressed = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = (PANES.indexOf(pane) + step + PANES.length) % PANES.length;
    onChange(PANES[at]!);
    event.currentTarget.querySelectorAll("button")[at]?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={t("title")} onKeyDown={pressed}>
      {PANES.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === pane}
          aria-controls={`pane-${name}`}
          tabIndex={name === pane ? 0 : -1}
          onClick={() => onChange(name)}
        >
          {t(name)}
        </button>
      ))}
    </div>
  );
}

/** The timeline as it runs, or as it was when somebody began to look at a part of it. */
function Watched({ feed, live }: { feed: Feed; live: Timeline }) {
  const t = useWords(words);
  const [held, setHeld] = useState<Timeline | null>(null);
  const [on, setOn] = useState<ReadonlySet<Filter>>(new Set(FILTERS));
  const [opened, setOpened] = useState<WireRecord | null>(null);
  const shown = held ?? live;
  const entries = filtered(shown.entries, on);
  useEffect(() => {
    if (live.received === 0) setHeld(null);
  }, [live.received]);
  return (
    <>
      <div className="timeline-bar">
        <Filters on={on} onChange={setOn} />
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
      </div>
      <List
        entries={entries}
        following={held === null}
        opened={opened?.n ?? null}
        empty={t(shown.entries.length > 0 ? "nothing" : "empty")}
        onHold={() => setHeld((before) => before ?? live)}
        onOpen={setOpened}
      />
      <p className="sampled" data-some={live.skipped > 0}>
        {live.skipped > 0
          ? t("sampled", { n: live.skipped, all: live.skipped + live.received })
          : t("all", { n: live.received })}
      </p>
      {opened && <Opened feed={feed} record={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

const newer = (live: Timeline, held: Timeline): number =>
  Math.max(0, live.received + live.skipped - held.received - held.skipped);

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
      {FILTERS.map((filter) => (
        <label key={filter}>
          <input type="checkbox" checked={on.has(filter)} onChange={() => toggle(filter)} />
          {t(`filter_${filter}`)}
        </label>
      ))}
    </fieldset>
  );
}
