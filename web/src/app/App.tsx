// The frame around the views: where one is, the language, the colours, whether the server is there.

import { lazy, Suspense } from "react";
import Compare from "../compare";
import { LOCALES, type Locale, setLocale, useLocale, useWords } from "../i18n";
import { useControl, useLab } from "./lab";
import { hrefOf, type Route, useRoute, VIEWS } from "./route";
import { setTheme, THEMES, type Theme, useTheme } from "./theme";
import { words } from "./words";

const ChatView = lazy(() => import("../chat/view"));
const Inspector = lazy(() => import("../inspector"));
const Race = lazy(() => import("../race"));
const Cost = lazy(() => import("../cost"));
const Tour = lazy(() => import("../tour"));

const LANGUAGES: Record<Locale, string> = { en: "English", ko: "한국어" };

export function App() {
  const t = useWords(words);
  const route = useRoute();
  return (
    <div className="app">
      <button type="button" className="skip" onClick={toMain}>
        {t("skip")}
      </button>
      <header className="bar">
        <a className="brand" href={hrefOf("compare")}>
          <img src="./icon.svg" alt="" width="24" height="24" />
          <span>Transport Lab</span>
        </a>
        <nav aria-label={t("views")}>
          {VIEWS.map((view) => (
            <a
              key={view}
              href={hrefOf(view)}
              aria-current={view === route.view ? "page" : undefined}
            >
              {t(view)}
            </a>
          ))}
        </nav>
        <Settings />
      </header>
      <Lost />
      <main id="main" tabIndex={-1} className={`view view-${route.view}`}>
        <Suspense fallback={<p className="loading">{t("loading")}</p>}>
          <Shown route={route} />
        </Suspense>
      </main>
    </div>
  );
}

/** Not a link: the hash of the address says which view is shown. */
function toMain(): void {
  document.getElementById("main")?.focus();
}

function Shown({ route }: { route: Route }) {
  if (route.view === "inspect") return <Inspector />;
  if (route.view === "race") return <Race />;
  if (route.view === "cost") return <Cost />;
  if (route.view === "tour") return <Tour step={route.rest} />;
  if (route.view === "chat") return <ChatView />;
  return <Compare link={route.rest} />;
}

function Settings() {
  const t = useWords(words);
  const language = useLocale();
  const theme = useTheme();
  return (
    <div className="settings">
      <select
        aria-label={t("language")}
        value={language}
        onChange={(event) => setLocale(event.target.value as Locale)}
      >
        {LOCALES.map((locale) => (
          <option key={locale} value={locale} lang={locale}>
            {LANGUAGES[locale]}
          </option>
        ))}
      </select>
      <select
        aria-label={t("theme")}
        value={theme}
        onChange={(event) => setTheme(event.target.value as Theme)}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {t(name)}
          </option>
        ))}
      </select>
    </div>
  );
}

function Lost() {
  const t = useWords(words);
  const { control } = useLab();
  const { up, reason } = useControl();
  return (
    <div role="status" className="lost" hidden={up || reason === null}>
      <span>{t("lost")}</span>
      <button type="button" onClick={() => control.retry()}>
        {t("retry")}
      </button>
    </div>
  );
}
