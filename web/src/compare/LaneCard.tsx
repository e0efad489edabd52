// One lane as it is shown: its transport, how it stands, its waterfall, and the code that did it.

import { lazy, Suspense } from "react";
import { useControl } from "../app/lab";
import { groupOf, titleOf } from "../chat/phrases";
import { inKorean } from "../chat/reasons";
import { words as chatWords } from "../chat/words";
import type { TransportInfo } from "../control";
import { useLocale, useWords } from "../i18n";
import { sayBytes } from "../inspector/format";
import type { Scales } from "./drawing";
import type { LaneState } from "./lane";
import { type LaneSeen, sayMs } from "./seen";
import type { Side } from "./store";
import { Waterfall } from "./Waterfall";
import type { Step } from "./waterfall";
import { words } from "./words";

const CodePanel = lazy(() => import("./CodePanel"));

interface Props {
  side: Side;
  transport: string;
  state: LaneState;
  seen: LaneSeen;
  scales: Scales;
  offline: boolean;
  step: Step | null;
  onChoose: (transport: string) => void;
}

export function LaneCard({ side, transport, state, seen, offline, step, onChoose, scales }: Props) {
  const t = useWords(words);
  const info = useControl().hello?.transports.find(({ name }) => name === transport);
  return (
    <section className="lane" aria-label={t("lane", { n: side + 1, title: seen.title })}>
      <div className="lane-head">
        <Choice transport={transport} disabled={offline} onChoose={onChoose} />
        <span className="lane-phase" data-phase={state.phase}>
          <span className="dot" aria-hidden="true" />
          {t(`phase_${state.phase}`)}
        </span>
        <Said state={state} />
      </div>
      <Troubled state={state} />
      <Waterfall seen={seen} scales={scales} label={summary(t, seen)} />
      <Suspense fallback={<div className="code" />}>
        {info ? (
          <CodePanel transport={info} step={stepNow(state) ?? step} />
        ) : (
          <div className="code" />
        )}
      </Suspense>
    </section>
  );
}

/** What is going on; null where nothing is. */
function stepNow({ phase, marks }: LaneState): Step | null {
  if (phase === "connecting") return "connect";
  return marks.say !== null && marks.said === null ? "say" : null;
}

function summary(t: ReturnType<typeof useWords<keyof (typeof words)["en"]>>, seen: LaneSeen) {
  const { title, handshake, message } = seen;
  const sizes = (part: { up: number; down: number }) => ({
    up: sayBytes(part.up),
    down: sayBytes(part.down),
  });
  return t("drawing", {
    title,
    joined: handshake
      ? t("part_joined", {
          ms: sayMs(handshake.ms),
          n: handshake.roundTrips,
          ...sizes(handshake),
        })
      : t("drawing_none"),
    message: message
      ? t("part_message", { ms: sayMs(message.ms), ...sizes(message) })
      : t("drawing_none"),
  });
}

/** The transports by group; what can't be had here is named, and can't be chosen. */
function Choice({
  transport,
  disabled,
  onChoose,
}: {
  transport: string;
  disabled: boolean;
  onChoose: (transport: string) => void;
}) {
  const t = useWords(words);
  const tc = useWords(chatWords);
  const transports: readonly TransportInfo[] = useControl().hello?.transports ?? [];
  const groups = [...new Set(transports.map(({ group }) => group))];
  return (
    <select
      aria-label={t("transport")}
      value={transport}
      disabled={disabled}
      onChange={(event) => onChoose(event.target.value)}
    >
      {transports.length === 0 && <option value={transport}>{titleOf(tc, transport)}</option>}
      {groups.map((group) => (
        <optgroup key={group} label={groupOf(tc, group)}>
          {transports
            .filter((each) => each.group === group && each.relayed)
            .map(({ name, available }) => (
              <option key={name} value={name} disabled={!available}>
                {available ? titleOf(tc, name) : t("not_here", { title: titleOf(tc, name) })}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  );
}

function Said({ state: { text, marks } }: { state: LaneState }) {
  const t = useWords(words);
  if (marks.say === null) return null;
  const { said, say } = marks;
  return (
    <bdi className="lane-said" data-arrived={said !== null}>
      {said === null ? t("on_its_way", { text }) : t("arrived", { text, ms: sayMs(said - say) })}
    </bdi>
  );
}

function Troubled({ state: { trouble } }: { state: LaneState }) {
  const t = useWords(words);
  const tc = useWords(chatWords);
  const locale = useLocale();
  const limits = useControl().hello?.limits;
  if (!trouble) return null;
  const text =
    trouble.kind === "lost"
      ? t("lost", { reason: locale === "ko" ? inKorean(trouble.reason) : trouble.reason })
      : t("refused", { reason: tc(trouble.code, { ...limits, reason: trouble.code, room: "" }) });
  return (
    <p className="note bad" role="alert">
      {text}
    </p>
  );
}
