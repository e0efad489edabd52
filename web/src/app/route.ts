// Which view is shown: `#/compare`, `#/chat`, `#/inspect`, `#/race`, `#/cost`, `#/tour/<step>`.

import { useSyncExternalStore } from "react";

export const VIEWS = ["compare", "chat", "inspect", "race", "cost", "tour"] as const;
export type View = (typeof VIEWS)[number];
export interface Route {
  view: View;
  /** What follows the view: the step of the tour, or what is compared. */
  rest: string;
}

export function parseRoute(hash: string): Route {
  const [, name = "", rest = ""] = /^#\/([^/]*)\/?(.*)$/.exec(hash) ?? [];
  return { view: VIEWS.find((view) => view === name) ?? VIEWS[0], rest: decode(rest) };
}

function decode(rest: string): string {
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest; // typed by hand: as it stands
  }
}

export const hrefOf = (view: View, rest = ""): string =>
  `#/${view}${rest && `/${encodeURIComponent(rest)}`}`;

function subscribe(watcher: () => void): () => void {
  window.addEventListener("hashchange", watcher);
  return () => window.removeEventListener("hashchange", watcher);
}

export const useRoute = (): Route =>
  parseRoute(useSyncExternalStore(subscribe, () => window.location.hash));
