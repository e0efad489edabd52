// Before a race: which wires, on what network, how long.

import { type FormEvent, useMemo, useState } from "react";
import { useControl } from "../app/lab";
import { aboutOf, reasonOf, unsafeOf } from "../chat/phrases";
import { words as wireWords } from "../chat/words";
import type { WireInfo } from "../control";
import { useLocale, useWords } from "../i18n";
import { NetworkFields } from "../inspector/NetworkFields";
import { STILL } from "../inspector/network";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import { BOUNDS, type RaceOptions } from "./options";
import { words } from "./words";

const FEWEST = 2;
const [, MOST] = BOUNDS.wires;
const BURST = 200;
/** What the page is about, and what else there is. */
const GROUPS = ["core", "fallbacks"] as const;
const MORE = ["tuned", "node"] as const;
type Group = (typeof GROUPS | typeof MORE)[number];

interface Props {
  running: boolean;
  onStart: (options: RaceOptions) => void;
  onStop: () => void;
}

export function Setup({ running, onStart, onStop }: Props) {
  const t = useWords(words);
  const { hello } = useControl();
  const wires = hello?.wires ?? [];
  const usual = useMemo(() => usualOf(hello?.wires ?? []), [hello]);
  const [picked, setPicked] = useState<readonly string[] | null>(null);
  const [network, setNetwork] = useState(STILL);
  const [rounds, setRounds] = useState(10);
  const [messages, setMessages] = useState(5);
  const [burst, setBurst] = useState(false);
  const [together, setTogether] = useState(false);
  const chosen = picked ?? usual;
  const fits = chosen.length >= FEWEST && chosen.length <= MOST;

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const ordered = wires.map(({ name }) => name).filter((name) => chosen.includes(name));
    onStart({ wires: ordered, network, rounds, messages, burst: burst ? BURST : 0, together });
  };
  return (
    <form className="setup" onSubmit={submit}>
      <fieldset disabled={running}>
        <legend>{t("wires")}</legend>
        <p className={fits ? "tip" : "tip off"} aria-live="polite">
          {t("chosen", { n: chosen.length })}
        </p>
        {GROUPS.map((group) => (
          <Choices key={group} group={group} wires={wires} chosen={chosen} onChange={setPicked} />
        ))}
        <details>
          <summary>{t("more")}</summary>
          {MORE.map((group) => (
            <Choices key={group} group={group} wires={wires} chosen={chosen} onChange={setPicked} />
          ))}
        </details>
      </fieldset>
      <fieldset disabled={running}>
        <legend>{t("network")}</legend>
        <NetworkFields network={network} disabled={running} onChange={setNetwork} />
      </fieldset>
      <fieldset className="length" disabled={running}>
        <legend>{t("length")}</legend>
        <Count name={t("rounds")} bounds={BOUNDS.rounds} value={rounds} onChange={setRounds} />
        <Count
          name={t("messages")}
          bounds={BOUNDS.messages}
          value={messages}
          onChange={setMessages}
        />
        <Check name={t("burst", { n: BURST })} checked={burst} onChange={setBurst} />
        <Check name={t("together")} checked={together} onChange={setTogether} />
      </fieldset>
      <div className="setup-go">
        {running ? (
          <button type="button" className="stop" onClick={onStop}>
            {t("stop")}
          </button>
        ) : (
          <button type="submit" className="start" disabled={!fits}>
            {t("start")}
          </button>
        )}
      </div>
    </form>
  );
}

/** What a race is about unless somebody chooses: what can be joined, and is safe. */
const usualOf = (wires: readonly WireInfo[]): string[] =>
  wires
    .filter(({ available, unsafe, group }) => available && !unsafe && isUsual(group))
    .map(({ name }) => name)
    .slice(0, MOST);

const isUsual = (group: string): boolean => group === "core" || group === "fallbacks";

interface ChoicesProps {
  group: Group;
  wires: readonly WireInfo[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

function Choices({ group, wires, chosen, onChange }: ChoicesProps) {
  const t = useWords(words);
  // What can't be chosen comes last.
  const mine = wires
    .filter((wire) => wire.group === group)
    .sort((a, b) => Number(b.available) - Number(a.available));
  if (mine.length === 0) return null;
  const toggle = (name: string, on: boolean) =>
    onChange(on ? [...chosen, name] : chosen.filter((other) => other !== name));
  return (
    <fieldset className="choices">
      <legend>{t(group)}</legend>
      {mine.map((wire) => (
        <Choice
          key={wire.name}
          wire={wire}
          look={lookOf(wires, chosen, wire.name)}
          onChange={(on) => toggle(wire.name, on)}
        />
      ))}
    </fieldset>
  );
}

/** Its place among the chosen, as they will run; null where it isn't one of them. */
function lookOf(wires: readonly WireInfo[], chosen: readonly string[], name: string) {
  const at = wires.filter((wire) => chosen.includes(wire.name)).findIndex((w) => w.name === name);
  return at < 0 ? null : at;
}

interface ChoiceProps {
  wire: WireInfo;
  look: number | null;
  onChange: (on: boolean) => void;
}

function Choice({ wire, look, onChange }: ChoiceProps) {
  const t = useWords(words);
  const ofWires = useWords(wireWords);
  const locale = useLocale();
  const { name, available, unsafe } = wire;
  const warning = unsafe && t("unsafe", { reason: unsafeOf(ofWires, wire) });
  const note = available ? warning : reasonOf(ofWires, wire, locale);
  return (
    <label
      className="choice"
      title={aboutOf(ofWires, wire)}
      style={{ color: look === null ? undefined : colourOf(look) }}
    >
      <input
        type="checkbox"
        checked={look !== null}
        disabled={!available}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span className="choice-name">{name}</span>
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
