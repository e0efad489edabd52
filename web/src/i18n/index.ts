// The page's words: one dictionary per area, each with every key in every language.

import { useSyncExternalStore } from "react";
import { lasting } from "../app/storage";

export const LOCALES = ["en", "ko"] as const;
export type Locale = (typeof LOCALES)[number];

type Texts<K extends string> = Readonly<Record<K, string>>;
export type Dictionary<K extends string> = Readonly<Record<Locale, Texts<K>>>;
export type Values = Readonly<Record<string, string | number | null>>;
export type Words<K extends string> = (key: K, values?: Values) => string;

/** An area's words. A key that one language lacks is an error of the type check. */
export function dictionary<K extends string>(en: Texts<K>, ko: Texts<NoInfer<K>>): Dictionary<K> {
  return { en, ko };
}

/** `{name}` in a text becomes the value of that name. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, key: string) => String(values[key] ?? whole));
}

const STORED = "lab.locale";
const watchers = new Set<() => void>();
let current: Locale = firstLocale();

function firstLocale(): Locale {
  const stored = lasting.read(STORED) ?? navigator.language.slice(0, 2);
  return LOCALES.find((locale) => locale === stored) ?? "en";
}

export const locale = (): Locale => current;

export function setLocale(next: Locale): void {
  current = next;
  lasting.put(STORED, next);
  document.documentElement.lang = next;
  for (const watcher of watchers) watcher();
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export const useLocale = (): Locale => useSyncExternalStore(subscribe, locale);

/** The words of an area in the language of now: `t("members", { n: 3 })`. */
export function useWords<K extends string>(words: Dictionary<K>): Words<K> {
  const texts = words[useLocale()];
  return (key, values) => fill(texts[key], values);
}
