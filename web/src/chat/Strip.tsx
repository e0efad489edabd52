// The strip above the conversation: the wire, how it stands, and what to do about it.

import { useEffect, useRef, useState } from "react";
import { useChat, useControl, useLab } from "../app/lab";
import { hrefOf } from "../app/route";
import { useLocale, useWords } from "../i18n";
import { Picker } from "./Picker";
import { problemText, titleOf } from "./phrases";
import type { RoomState } from "./state";
import { words } from "./words";

export function Strip({
  room,
  showMembers,
  onMembers,
}: {
  room: RoomState | undefined;
  showMembers: boolean;
  onMembers: () => void;
}) {
  const t = useWords(words);
  const { talk } = useLab();
  const chat = useChat();
  const [picking, setPicking] = useState(false);
  const phase = chat.phase === "idle" ? "connecting" : chat.phase;
  return (
    <div className="strip">
      <div className="strip-row">
        <h1 className="strip-room">
          <bdi>{room?.room ?? ""}</bdi>
        </h1>
        <div className="strip-wire" role="status" data-phase={phase}>
          <span className="dot" aria-hidden="true" />
          <span className="strip-title">{titleOf(t, chat.wire ?? "")}</span>
          {chat.carrier && <Carrier carrier={chat.carrier} />}
          <span className="strip-phase">{t(`phase_${phase}`)}</span>
        </div>
        <div className="strip-acts">
          <button
            type="button"
            className="only-narrow"
            aria-expanded={showMembers}
            onClick={onMembers}
          >
            {t("members")} {room?.members.length ?? 0}
          </button>
          <button type="button" onClick={() => setPicking(true)}>
            {t("change_wire")}
          </button>
          <a className="button" href={hrefOf("inspect")}>
            {t("see_wire")}
          </a>
          <button type="button" onClick={() => void talk.quit()}>
            {t("quit")}
          </button>
        </div>
      </div>
      <Trouble />
      {picking && <Change onDone={() => setPicking(false)} />}
    </div>
  );
}

/** By what Socket.IO is carried: the upgrade happens before one's eyes. */
function Carrier({ carrier }: { carrier: string }) {
  const { control } = useLab();
  const { wire } = useChat();
  const info = control.snapshot().hello?.wires.find(({ name }) => name === wire);
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
  const { talk } = useLab();
  const { hello, up } = useControl();
  const { problem, phase, retryAt } = useChat();
  // That the server is gone is said above all views.
  const shown = problem && problem.kind !== "server" && up ? problem : null;
  const broken = phase === "waiting" || (phase === "connecting" && problem?.kind === "wire");
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
            <button type="button" onClick={() => talk.retry()}>
              {t("retry_now")}
            </button>
          ) : (
            <button type="button" onClick={() => talk.dismiss()}>
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
  // A screen reader is told of the break once, not of every second.
  return <span aria-hidden="true">{s > 0 ? t("retry_in", { s }) : t("retry_running")}</span>;
}

function Change({ onDone }: { onDone: () => void }) {
  const t = useWords(words);
  const { talk } = useLab();
  const { hello } = useControl();
  const { wire } = useChat();
  const [chosen, setChosen] = useState(wire ?? "");
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  const info = hello?.wires.find(({ name }) => name === chosen);
  const close = () => dialog.current?.close();
  const go = () => {
    if (chosen !== wire) void talk.switchTo(chosen);
    close();
  };
  return (
    <dialog ref={dialog} className="change" aria-label={t("change_wire")} onClose={onDone}>
      <h2>{t("change_wire")}</h2>
      <div className="change-body">
        <Picker wires={hello?.wires ?? []} chosen={chosen} onChoose={setChosen} />
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
