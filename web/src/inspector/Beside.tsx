// Where there is room, the inspector stands beside the chat; elsewhere it is a view of its own.

import { lazy, type ReactNode, Suspense, useState, useSyncExternalStore } from "react";
import { lasting } from "../app/storage";
import { useWords } from "../i18n";
import "./beside.css";
import { words } from "./words";

const Inspector = lazy(() => import("."));

const WIDE = "(width >= 84rem)";
const STORED = "lab.beside";

function onWidth(changed: () => void): () => void {
  const query = window.matchMedia(WIDE);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

export const useWide = (): boolean =>
  useSyncExternalStore(onWidth, () => window.matchMedia(WIDE).matches);

export function Beside({ children }: { children: ReactNode }) {
  const t = useWords(words);
  const wide = useWide();
  const [shown, setShown] = useState(lasting.read(STORED) !== "off");
  const toggle = () => {
    lasting.put(STORED, shown ? "off" : "on");
    setShown(!shown);
  };
  if (!wide) return children;
  return (
    <div className="beside">
      <div className="beside-main">{children}</div>
      <button
        type="button"
        className="beside-toggle"
        aria-expanded={shown}
        aria-controls="beside-panel"
        aria-label={t(shown ? "hide" : "show_wire")}
        title={t(shown ? "hide" : "show_wire")}
        onClick={toggle}
      >
        {shown ? "›" : "‹"}
      </button>
      <aside id="beside-panel" hidden={!shown} aria-label={t("title")}>
        {shown && (
          <Suspense fallback={null}>
            <Inspector beside />
          </Suspense>
        )}
      </aside>
    </div>
  );
}
