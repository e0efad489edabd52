// The inspector and the chat at once: beside it where there is room, else docked below it.

import { lazy, type ReactNode, Suspense, useState, useSyncExternalStore } from "react";
import { useChat } from "../app/lab";
import { lasting } from "../app/storage";
import { useWords } from "../i18n";
import "./inspector-pane.css";
import { words } from "./words";

const Inspector = lazy(() => import("."));

const WIDE = "(width >= 84rem)";
/** Here the chat keeps all the room until somebody asks for the bytes. */
const SMALL = "(width < 46rem) or (height < 40rem)";
const STORED = "lab.beside";

const watching = (query: string) => (changed: () => void) => {
  const list = window.matchMedia(query);
  list.addEventListener("change", changed);
  return () => list.removeEventListener("change", changed);
};
const onWidth = watching(WIDE);

const useWide = (): boolean => useSyncExternalStore(onWidth, () => window.matchMedia(WIDE).matches);

/** As somebody left it; at first shown, where it takes no room that the chat needs. */
function shownAtFirst(): boolean {
  const stored = lasting.read(STORED);
  return stored === null ? !window.matchMedia(SMALL).matches : stored === "on";
}

export function InspectorPane({ children }: { children: ReactNode }) {
  const t = useWords(words);
  const wide = useWide();
  const { phase } = useChat();
  const [shown, setShown] = useState(shownAtFirst);
  const toggle = () => {
    lasting.put(STORED, shown ? "off" : "on");
    setShown(!shown);
  };
  // Below the join form there is nothing to see yet, and no room.
  if (!wide && phase === "idle") return <div className="inspector-pane-main">{children}</div>;
  const says = t(shown ? "hide" : "show_transport");
  return (
    <div className="inspector-pane" data-dock={!wide || undefined}>
      <div className="inspector-pane-main">{children}</div>
      <button
        type="button"
        className="inspector-pane-toggle"
        aria-expanded={shown}
        aria-controls="inspector-pane-panel"
        aria-label={says}
        title={says}
        onClick={toggle}
      >
        {wide ? (shown ? "›" : "‹") : `${shown ? "▾" : "▴"} ${says}`}
      </button>
      <aside id="inspector-pane-panel" hidden={!shown} aria-label={t("title")}>
        {shown && (
          <Suspense fallback={null}>
            <Inspector beside />
          </Suspense>
        )}
      </aside>
    </div>
  );
}
