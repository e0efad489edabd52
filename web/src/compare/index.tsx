// The page's first view: the same message over two transports, and what each of them waited for.

import { type FormEvent, useEffect, useState, useSyncExternalStore } from "react";
import { useControl, useLab } from "../app/lab";
import { hrefOf } from "../app/route";
import { overTls } from "../app/secure";
import { titleOf, reasonOf as transportReason } from "../chat/phrases";
import { words as chatWords } from "../chat/words";
import { useLocale, useWords } from "../i18n";
import type { FeedState } from "../inspector/feed";
import { drawingOf, scalesOf } from "./drawing";
import { LaneCard } from "./LaneCard";
import type { Lane, LaneState } from "./lane";
import { NetworkBar } from "./NetworkBar";
import { LANE_PX, type Picture } from "./picture";
import { Share } from "./Share";
import { type LaneSeen, sentences } from "./seen";
import { fromLink, type Missing, type Settings } from "./settings";
import { type CompareStore, compareOf, SIDES } from "./store";
import { handshakeOf, messageOf, type Step } from "./waterfall";
import { words } from "./words";
import "./compare.css";

/** `link`: what follows `#/compare/`; empty for the usual view. */
export default function Compare({ link }: { link: string }) {
  const t = useWords(words);
  const store = compareOf(useLab());
  const missing = useStarted(store, link);
  const { settings, offline } = useSyncExternalStore(store.subscribe, store.snapshot);
  const lanes = [useLane(store.lanes[0]), useLane(store.lanes[1])] as const;
  const titles = useTitles(settings);
  const seen = lanes.map((lane, side) => seenOf(titles[side]!, lane)) as [LaneSeen, LaneSeen];
  const said = sentences(t, seen);
  const known = seen.every(({ handshake, message }) => handshake && message);
  const scales = scalesOf(seen);
  const [step, setStep] = useState<Step | null>(null);
  const pictureOf = (): Picture => ({
    title: t("title"),
    about: t("picture_about", { text: settings.text, ms: settings.network.delay_ms }),
    lanes: seen.map((lane) => ({
      title: lane.title,
      drawing: drawingOf(t, lane, scales, LANE_PX),
    })),
    sentences: said,
    legend: COLOURS.map((fill) => ({ fill, text: t(`legend_${fill}`) })),
  });
  return (
    <div className="compare">
      <Head />
      {missing.map((lacks) => (
        <Missed key={lacks.what + lacks.name} lacks={lacks} />
      ))}
      <div className="compare-acts">
        <Composer store={store} text={settings.text} />
        <a className="button" href={hrefOf("tour")}>
          {t("tour")}
        </a>
        <button type="button" disabled={offline} onClick={() => store.again()}>
          {t("again")}
        </button>
        <Share settings={settings} pictureOf={pictureOf} />
      </div>
      <NetworkBar
        network={settings.network}
        offline={offline}
        onChange={(network) => store.emulate(network)}
        onOffline={() => void store.takeOffline()}
      />
      <div className="lanes">
        {SIDES.map((side) => (
          <LaneCard
            key={side}
            side={side}
            transport={settings.transports[side]}
            state={lanes[side].state}
            seen={seen[side]}
            scales={scales}
            offline={offline}
            step={step}
            onChoose={(transport) => store.choose(side, transport)}
          />
        ))}
      </div>
      <p className="compare-seen" role="status" data-known={known}>
        {offline ? t("seen_offline") : said.join(" ") || t("seen_wait")}
      </p>
      <div className="compare-foot">
        <Legend />
        <Steps step={step} onChange={setStep} />
      </div>
    </div>
  );
}

/** Runs both lanes while the view is shown and the server is there; what the link asks for in vain. */
function useStarted(store: CompareStore, link: string): readonly Missing[] {
  const { hello, up } = useControl();
  const [missing, setMissing] = useState<readonly Missing[]>([]);
  useEffect(() => {
    if (!hello || !up) return;
    const found = fromLink(link, hello.transports);
    setMissing(found.missing);
    store.start(found.settings);
    return () => store.stop();
  }, [store, link, hello, up]);
  return missing;
}

interface LaneNow {
  state: LaneState;
  feed: FeedState;
}

function useLane(lane: Lane): LaneNow {
  const state = useSyncExternalStore(lane.subscribe, lane.snapshot);
  const feed = useSyncExternalStore(lane.feed.subscribe, lane.feed.snapshot);
  return { state, feed };
}

function seenOf(title: string, { state, feed }: LaneNow): LaneSeen {
  const seen = { timeline: feed.timeline, ...state };
  const upgrade = feed.timeline.account?.upgrade ?? null;
  return { title, handshake: handshakeOf(seen), message: messageOf(seen), upgrade };
}

function useTitles({ transports }: Settings): string[] {
  const t = useWords(chatWords);
  return transports.map((transport) => titleOf(t, transport));
}

function Head() {
  const t = useWords(words);
  return (
    <header className="compare-head">
      <h1>{t("title")}</h1>
      <p className="quiet">{t("intro")}</p>
    </header>
  );
}

function Missed({ lacks }: { lacks: Missing }) {
  const t = useWords(words);
  const tc = useWords(chatWords);
  const locale = useLocale();
  const info = useControl().hello?.transports.find(({ name }) => name === lacks.name);
  const reason = info ? transportReason(tc, info, locale).replace(/\.$/, "") : "";
  return (
    <div className="note warn" role="alert">
      <span>{t(`missing_${lacks.what}`, { name: lacks.name, reason })}</span>
      <a className="button" href={hrefOf("compare")}>
        {t("missing_go_on")}
      </a>
    </div>
  );
}

function Composer({ store, text: said }: { store: CompareStore; text: string }) {
  const t = useWords(words);
  const [text, setText] = useState(said);
  // A link that is opened has a text of its own.
  useEffect(() => setText(said), [said]);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) store.send(text.toWellFormed());
  };
  return (
    <form className="compare-composer" onSubmit={send}>
      <input
        dir="auto"
        aria-label={t("message")}
        enterKeyHint="send"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="primary" disabled={!text.trim()}>
        {t("send")}
      </button>
    </form>
  );
}

const COLOURS = (
  ["payload", "framing", "http", "tls", "connect", "waiting", "page", "up", "down"] as const
).filter((fill) => fill !== "tls" || overTls);

const STEPS = ["connect", "say", "answer", "delivery"] as const;

/** Chosen, the lines of code that do it stand out in both lanes. */
function Steps({ step, onChange }: { step: Step | null; onChange: (step: Step | null) => void }) {
  const t = useWords(words);
  return (
    <fieldset className="compare-steps">
      <legend className="hidden">{t("steps")}</legend>
      <span aria-hidden="true">{t("steps")}</span>
      {STEPS.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === step}
          onClick={() => onChange(each === step ? null : each)}
        >
          {t(`step_${each}`)}
        </button>
      ))}
    </fieldset>
  );
}

function Legend() {
  const t = useWords(words);
  return (
    <ul className="compare-legend" aria-label={t("legend")}>
      {COLOURS.map((fill) => (
        <li key={fill}>
          <span className={`swatch fill-${fill}`} data-way={fill === "up" || fill === "down"} />
          {t(`legend_${fill}`)}
        </li>
      ))}
    </ul>
  );
}
