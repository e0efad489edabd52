// Before a race: which transports, on what network, how long.

import { type FormEvent, useState } from "react";
import { useControl } from "../app/lab";
import { aboutOf, reasonOf, titleOf, unsafeOf } from "../chat/phrases";
import { words as transportWords } from "../chat/words";
import type { TransportInfo } from "../control";
import { useLocale, useWords, type Words } from "../i18n";
import { NetworkFields } from "../inspector/NetworkFields";
import { isStill } from "../inspector/network";
import { estimateMs, roundedSeconds } from "./estimate";
import { keepSetup, keptSetup, type RaceSetup } from "./kept";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import { BOUNDS, type RaceOptions } from "./options";
import { words } from "./words";

const FEWEST = 2;
const [, MOST] = BOUNDS.transports;
const BURST = 200;
/** What the page is about, and what else there is. */
const GROUPS = ["core", "fallbacks"] as const;
const MORE = ["tuned", "node"] as const;
type Group = (typeof GROUPS | typeof MORE)[number];
type Key = keyof (typeof words)["en"];

interface Props {
  running: boolean;
  /** There is room for all that can be asked; elsewhere it is folded. */
  wide: boolean;
  onStart: (options: RaceOptions, expected_ms: number) => void;
  onStop: () => void;
}

export function Setup({ running, wide, onStart, onStop }: Props) {
  const t = useWords(words);
  const { hello } = useControl();
  const transports = hello?.transports ?? [];
  const [setup, change] = useSetup();
  const [unfolded, setUnfolded] = useState<boolean | null>(null);
  const open = unfolded ?? wide;
  const chosen = chosenOf(transports, setup);
  const fits = chosen.length >= FEWEST && chosen.length <= MOST;
  const expected = estimateMs(chosen, setup);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { network, rounds, messages, burst, together } = setup;
    const names = chosen.map(({ name }) => name);
    const options = { transports: names, network, rounds, messages, together };
    onStart({ ...options, burst: burst ? BURST : 0 }, expected);
  };
  return (
    <form className="setup" onSubmit={submit}>
      <div className="setup-go">
        {running ? (
          <button type="button" className="stop" onClick={onStop}>
            {t("stop")}
          </button>
        ) : (
          <>
            <button type="submit" className="start" disabled={!fits}>
              {t("start")}
            </button>
            <p className="tip">{fits && t("estimate", { seconds: roundedSeconds(expected) })}</p>
          </>
        )}
      </div>
      <details
        className="setup-fields"
        open={open}
        onToggle={({ currentTarget }) => {
          if (currentTarget.open !== open) setUnfolded(currentTarget.open);
        }}
      >
        <summary>{summaryOf(setup, chosen.length, t)}</summary>
        <Transports
          transports={transports}
          chosen={chosen.map(({ name }) => name)}
          disabled={running}
          off={!fits}
          onChange={(picked) => change({ picked })}
        />
        <fieldset disabled={running}>
          <legend>{t("network")}</legend>
          <NetworkFields
            network={setup.network}
            disabled={running}
            onChange={(network) => change({ network })}
          />
        </fieldset>
        <Length setup={setup} disabled={running} onChange={change} />
      </details>
    </form>
  );
}

/** Kept over a reload. */
function useSetup(): [RaceSetup, (change: Partial<RaceSetup>) => void] {
  const [setup, setSetup] = useState(keptSetup);
  const change = (changed: Partial<RaceSetup>) => {
    const next = { ...setup, ...changed };
    keepSetup(next);
    setSetup(next);
  };
  return [setup, change];
}

/** Those that were picked and are there, in the server's order; the usual ones if nobody picked. */
function chosenOf(transports: readonly TransportInfo[], { picked }: RaceSetup): TransportInfo[] {
  const usual = usualOf(transports);
  return transports.filter((one) =>
    picked ? one.available && one.relayed && picked.includes(one.name) : usual.includes(one),
  );
}

/** The page's question, WebSocket or Socket.IO: the first of its group that is spoken in each way. */
function usualOf(transports: readonly TransportInfo[]): TransportInfo[] {
  const wayOf = ({ family, websocket, polling }: TransportInfo) =>
    family === "native" ? family : `${family} ${websocket} ${polling}`;
  const core = transports.filter(
    ({ available, unsafe, group }) => available && !unsafe && group === "core",
  );
  return core.filter((one, at) => core.findIndex((other) => wayOf(other) === wayOf(one)) === at);
}

function summaryOf({ network, rounds }: RaceSetup, n: number, t: Words<Key>): string {
  const shaped = isStill(network) ? t("straight") : t("shaped", { delay: network.delay_ms });
  return t("setup", { n, rounds: rounds || "–", network: shaped });
}

interface TransportsProps {
  transports: readonly TransportInfo[];
  chosen: readonly string[];
  disabled: boolean;
  /** There are too few or too many. */
  off: boolean;
  onChange: (chosen: readonly string[]) => void;
}

/** At first what is usual, can be joined and is safe; then the rest. */
function Transports({ transports, chosen, disabled, off, onChange }: TransportsProps) {
  const t = useWords(words);
  const first = transports.filter(({ available, unsafe }) => available && !unsafe);
  const rest = transports.filter((one) => !first.includes(one));
  const choices = (group: Group, shown: readonly TransportInfo[]) => (
    <Choices
      key={group}
      group={group}
      transports={transports}
      shown={shown}
      chosen={chosen}
      onChange={onChange}
    />
  );
  return (
    <fieldset disabled={disabled}>
      <legend>{t("transports")}</legend>
      <p className={off ? "tip off" : "tip"} aria-live="polite">
        {t("chosen", { n: chosen.length })}
      </p>
      {GROUPS.map((group) => choices(group, first))}
      <details className="choices-more">
        <summary>{t("more")}</summary>
        {MORE.map((group) => choices(group, transports))}
        {GROUPS.map((group) => choices(group, rest))}
      </details>
    </fieldset>
  );
}

interface LengthProps {
  setup: RaceSetup;
  disabled: boolean;
  onChange: (change: Partial<RaceSetup>) => void;
}

function Length({ setup, disabled, onChange }: LengthProps) {
  const t = useWords(words);
  return (
    <fieldset className="length" disabled={disabled}>
      <legend>{t("length")}</legend>
      <Count
        name={t("rounds")}
        bounds={BOUNDS.rounds}
        value={setup.rounds}
        onChange={(rounds) => onChange({ rounds })}
      />
      <Count
        name={t("messages")}
        bounds={BOUNDS.messages}
        value={setup.messages}
        onChange={(messages) => onChange({ messages })}
      />
      <Check
        name={t("burst", { n: BURST })}
        checked={setup.burst}
        onChange={(burst) => onChange({ burst })}
      />
      <Check
        name={t("together")}
        checked={setup.together}
        onChange={(together) => onChange({ together })}
      />
    </fieldset>
  );
}

interface ChoicesProps {
  group: Group;
  transports: readonly TransportInfo[];
  /** Those of them that stand here, as far as they are of the group. */
  shown: readonly TransportInfo[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

function Choices({ group, transports, shown, chosen, onChange }: ChoicesProps) {
  const t = useWords(words);
  // What can't be chosen comes last.
  const mine = shown
    .filter((transport) => transport.group === group && transport.relayed)
    .sort((a, b) => Number(b.available) - Number(a.available));
  if (mine.length === 0) return null;
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((other) => other !== name));
  return (
    <fieldset className="choices">
      <legend>{t(group)}</legend>
      {mine.map((transport) => (
        <Choice
          key={transport.name}
          transport={transport}
          look={lookOf(transports, chosen, transport.name)}
          onChange={(on) => toggle(transport.name, on)}
        />
      ))}
    </fieldset>
  );
}

/** Its place among the chosen, as they will run; null where it isn't one of them. */
function lookOf(transports: readonly TransportInfo[], chosen: readonly string[], name: string) {
  const at = transports
    .filter((transport) => chosen.includes(transport.name))
    .findIndex((w) => w.name === name);
  return at < 0 ? null : at;
}

interface ChoiceProps {
  transport: TransportInfo;
  look: number | null;
  onChange: (on: boolean) => void;
}

function Choice({ transport, look, onChange }: ChoiceProps) {
  const t = useWords(words);
  const ofTransports = useWords(transportWords);
  const locale = useLocale();
  const { name, available, unsafe } = transport;
  const warning = unsafe && t("unsafe", { reason: unsafeOf(ofTransports, transport) });
  const note = available ? warning : reasonOf(ofTransports, transport, locale);
  return (
    <label
      className="choice"
      data-transport={name}
      title={aboutOf(ofTransports, transport)}
      style={{ color: look === null ? undefined : colourOf(look) }}
    >
      <input
        type="checkbox"
        checked={look !== null}
        disabled={!available}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="choice-name">{titleOf(ofTransports, name)}</span>
      {look !== null && <Mark look={look} />}
      {note && <small>{note}</small>}
    </label>
  );
}

interface CountProps {
  name: string;
  bounds: readonly [number, number];
  value: number;
  onChange: (value: number) => void;
}

function Count({ name, bounds: [min, max], value, onChange }: CountProps) {
  return (
    <label className="count">
      {name}
      <input
        type="number"
        required
        min={min}
        max={max}
        value={Number.isNaN(value) ? "" : value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </label>
  );
}

interface CheckProps {
  name: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Check({ name, checked, onChange }: CheckProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
      />
      {name}
    </label>
  );
}
