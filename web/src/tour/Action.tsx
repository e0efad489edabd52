// What a step has somebody do, with the button for it where the page has one.

import { useEffect, useState } from "react";
import { useChat, useControl, useLab } from "../app/lab";
import { titleOf } from "../chat/phrases";
import { words as chatWords } from "../chat/words";
import type { TransportInfo } from "../control";
import { useWords } from "../i18n";
import { useFeed } from "../inspector/use";
import { CUT_MS, DELAY_MS, type Step } from "./steps";
import type { TourState, TourStore } from "./store";
import { words } from "./words";

interface Props {
  step: Step;
  state: TourState;
  store: TourStore;
}

export function Action({ step, state, store }: Props) {
  const t = useWords(words);
  const { phase } = useChat();
  if (phase === "idle" && step !== "race") return <p>{t(`${step}_enter`)}</p>;
  return (
    <>
      <p>{t(`${step}_do`, { ms: DELAY_MS, s: CUT_MS / 1_000 })}</p>
      {step === "handshake" && <Anew />}
      {step === "polling" && <Poll />}
      {step === "cut" && <Cut state={state} store={store} />}
      {step === "emulate" && <Delay />}
    </>
  );
}

function Anew() {
  const t = useWords(words);
  const { chatStore } = useLab();
  const { transport, phase } = useChat();
  return (
    <button
      type="button"
      className="primary"
      disabled={transport === null || phase !== "open"}
      onClick={() => transport !== null && void chatStore.switchTo(transport)}
    >
      {t("connect_anew")}
    </button>
  );
}

/** Offers a transport that only polls, unless the chat is on it. */
function Poll() {
  const t = useWords(words);
  const ofTransports = useWords(chatWords);
  const { chatStore } = useLab();
  const { transport } = useChat();
  const polling = useControl().hello?.transports.find(onlyPolls);
  if (!polling || polling.name === transport) return null;
  return (
    <button type="button" className="primary" onClick={() => void chatStore.switchTo(polling.name)}>
      {t("go_on_by", { transport: titleOf(ofTransports, polling.name) })}
    </button>
  );
}

const onlyPolls = ({ family, polling, websocket, available }: TransportInfo): boolean =>
  available && family === "socketio" && polling && !websocket;

function Cut({ state, store }: { state: TourState; store: TourStore }) {
  const t = useWords(words);
  const { phase } = useChat();
  const { awayUntil, silent } = state;
  return (
    <>
      <button
        type="button"
        className="primary"
        disabled={awayUntil !== null || phase !== "open"}
        onClick={() => void store.cut()}
      >
        {t("cut_for", { s: CUT_MS / 1_000 })}
      </button>
      <p role="status" className="tour-away">
        {awayUntil !== null && (
          <>
            {t("away")} <Countdown until={awayUntil} />
          </>
        )}
        {silent && t("silent")}
      </p>
    </>
  );
}

const TICK_MS = 250;

/** A screen reader announces the cut once, not every second. */
function Countdown({ until }: { until: number }) {
  const t = useWords(words);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const s = Math.max(0, Math.ceil((until - now) / 1_000));
  return <span aria-hidden="true">{t("seconds_left", { s })}</span>;
}

function Delay() {
  const t = useWords(words);
  const { feed, state } = useFeed();
  const { network } = state;
  const slow = network.delay_ms >= DELAY_MS;
  return (
    <button
      type="button"
      className={slow ? undefined : "primary"}
      aria-pressed={slow}
      onClick={() => void feed.emulate({ ...network, delay_ms: slow ? 0 : DELAY_MS, jitter_ms: 0 })}
    >
      {t("delay", { ms: DELAY_MS })}
    </button>
  );
}
