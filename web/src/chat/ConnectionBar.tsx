// The strip above the conversation: the transport, how it stands, and what to do about it.

import { useEffect, useRef, useState } from "react";
import { useChat, useControl, useLab } from "../app/lab";
import { useLocale, useWords } from "../i18n";
import { NetworkMark } from "./NetworkMark";
import { Picker } from "./Picker";
import { problemText, titleOf } from "./phrases";
import type { RoomState } from "./state";
import { words } from "./words";

export function ConnectionBar({
  room,
  showMembers,
  onMembers,
}: {
  room: RoomState | undefined;
  showMembers: boolean;
  onMembers: () => void;
}) {
  const t = useWords(words);
  const { chatStore } = useLab();
  const chat = useChat();
  const [picking, setPicking] = useState(false);
  const phase = chat.phase === "idle" ? "connecting" : chat.phase;
  return (
    <div className="connection-bar">
      <div className="connection-bar-row">
        <h1 className="connection-bar-room">
          <bdi>{room?.room ?? ""}</bdi>
        </h1>
        <div className="connection-bar-transport" role="status" data-phase={phase}>
          <span className="dot" aria-hidden="true" />
          <span className="connection-bar-title">{titleOf(t, chat.transport ?? "")}</span>
          {chat.carrier && <Carrier carrier={chat.carrier} />}
          <span className="connection-bar-phase">{t(`phase_${phase}`)}</span>
        </div>
        <div className="connection-bar-acts">
          <button
            type="button"
            className="only-narrow"
            aria-expanded={showMembers}
            onClick={onMembers}
          >
            {t("members")} {room?.members.length ?? 0}
          </button>
          <button type="button" onClick={() => setPicking(true)}>
            {t("change_transport")}
          </button>
          <button type="button" onClick={() => void chatStore.quit()}>
            {t("quit")}
          </button>
        </div>
      </div>
      <NetworkMark />
      <Trouble />
      {picking && <Change onDone={() => setPicking(false)} />}
    </div>
  );
}

/** By what Socket.IO is carried: the upgrade happens before one's eyes. */
function Carrier({ carrier }: { carrier: string }) {
  const { control } = useLab();
  const { transport } = useChat();
  const info = control.snapshot().hello?.transports.find(({ name }) => name === transport);
  const upgrades = info?.polling && info.websocket;
  const steps = upgrades ? ["polling", "websocket"] : [carrier];
  return (
    <span className="carrier">
      {steps.map((step) => (
        <span key={step} data-now={step === carrier || undefined}>
          {step}
        </span>
      ))}
    </span>
  );
}

function Trouble() {
  const t = useWords(words);
  const locale = useLocale();
  const { chatStore } = useLab();
  const { hello, up } = useControl();
  const { problem, phase, retryAt } = useChat();
  // That the server is gone is said above all views.
  const shown = problem && problem.kind !== "server" && up ? problem : null;
  const broken = phase === "waiting" || (phase === "connecting" && problem?.kind === "transport");
  return (
    <div role="alert" className="trouble">
      {shown && (
        <div className={`note ${shown.kind === "refused" && shown.again ? "warn" : "bad"}`}>
          <span>
            {problemText(t, shown, hello?.limits, locale)}{" "}
            {broken && (
              <>
                {t("nothing_lost")} <Countdown until={retryAt} />
              </>
            )}
          </span>
          {broken ? (
            <button type="button" onClick={() => chatStore.retry()}>
              {t("retry_now")}
            </button>
          ) : (
            <button type="button" onClick={() => chatStore.dismiss()}>
              {t("dismiss")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

const TICK_MS = 250;

function Countdown({ until }: { until: number | null }) {
  const t = useWords(words);
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  const s = until === null ? 0 : Math.ceil((until - now) / 1000);
  // A screen reader announces the break once, not every second.
  return <span aria-hidden="true">{s > 0 ? t("retry_in", { s }) : t("retry_running")}</span>;
}

function Change({ onDone }: { onDone: () => void }) {
  const t = useWords(words);
  const { chatStore } = useLab();
  const { hello } = useControl();
  const { transport } = useChat();
  const [chosen, setChosen] = useState(transport ?? "");
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const info = hello?.transports.find(({ name }) => name === chosen);
  const close = () => dialog.current?.close();
  const go = () => {
    if (chosen !== transport) void chatStore.switchTo(chosen);
    close();
  };
  return (
    <dialog ref={dialog} className="change" aria-label={t("change_transport")} onClose={onDone}>
      <h2>{t("change_transport")}</h2>
      <div className="change-body">
        <Picker transports={hello?.transports ?? []} chosen={chosen} onChoose={setChosen} />
      </div>
      <div className="change-acts">
        <button type="button" onClick={close}>
          {t("cancel")}
        </button>
        <button type="button" className="primary" disabled={!info?.available} onClick={go}>
          {info?.unsafe ? t("enter_unsafe") : t("go_on")}
        </button>
      </div>
    </dialog>
  );
}
