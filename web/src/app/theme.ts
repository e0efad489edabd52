// Light or dark: the system's, until somebody chooses.

import { useSyncExternalStore } from "react";
import { lasting } from "./storage";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const STORED = "lab.theme";
const watchers = new Set<() => void>();
let current: Theme = THEMES.find((theme) => theme === lasting.read(STORED)) ?? "system";

/** Show it: without `data-theme` the style sheet follows the system. */
export function applyTheme(): void {
  if (current === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = current;
}

export function setTheme(next: Theme): void {
  current = next;
  lasting.put(STORED, next);
  applyTheme();
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const useTheme = (): Theme => useSyncExternalStore(subscribe, () => current);
