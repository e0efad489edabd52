// What is said of records, in the language of the page.

import { useMemo } from "react";
import { fill, type Locale, useLocale } from "../../i18n";
import { inKorean } from "./korean";
import type { Say } from "./phrase";
import { words } from "./words";

type Translate = (text: string) => string;

const asItIs: Translate = (text) => text;

/** The decoder speaks English. */
const translator = (locale: Locale): Translate => (locale === "ko" ? inKorean : asItIs);

/** The same function until another language is chosen. */
export function useSaid(): Say {
  const locale = useLocale();
  return useMemo(() => {
    const translate = translator(locale);
    return (key, values = {}) => {
      const { reason } = values;
      const said = reason === undefined ? values : { ...values, reason: translate(String(reason)) };
      return fill(words[locale][key], said);
    };
  }, [locale]);
}

/** Translates what the decoder says. */
export const useDecoder = (): Translate => translator(useLocale());
