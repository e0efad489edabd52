// The transport inspector: what crosses the chat's line, as it crosses it. A view, or beside the chat.

import { type KeyboardEvent, useState } from "react";
import { useChat, useLab } from "../app/lab";
import { hrefOf } from "../app/route";
import { useWords } from "../i18n";
import { Meter } from "./Meter";
import { NetworkControls } from "./NetworkControls";
import { Records } from "./Records";
import { Sequence } from "./Sequence";
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
  const { chatStore } = useLab();
  const { transport } = useChat();
  return (
    <section className="inspector" aria-label={t("title")}>
      <Title className="inspector-title">{t("title")}</Title>
      <Meter counters={state.timeline.counters} account={state.timeline.account} />
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
          <Records key={state.line} feed={feed} live={state.timeline} />
        </div>
        <div
          id="pane-handshake"
          role="tabpanel"
          aria-label={t("handshake")}
          data-on={pane === "handshake"}
        >
          <Sequence
            handshake={state.timeline.handshake}
            turns={state.timeline.account?.joined?.turns ?? []}
            arrived={state.timeline.arrived}
            onAgain={transport === null ? null : () => void chatStore.switchTo(transport)}
          />
        </div>
        <div
          id="pane-network"
          role="tabpanel"
          aria-label={t("network")}
          data-on={pane === "network"}
        >
          <NetworkControls feed={feed} state={state} />
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
