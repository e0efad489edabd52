// The wire picker: every wire of the lab; those that can't be had here, with the reason.

import { useId } from "react";
import type { WireInfo } from "../control";
import { useLocale, useWords } from "../i18n";
import { aboutOf, groupOf, reasonOf, titleOf, unsafeOf } from "./phrases";
import { words } from "./words";

const FIRST: readonly string[] = ["core", "fallbacks"];
interface Choice {
  wires: readonly WireInfo[];
  chosen: string;
  onChoose: (wire: string) => void;
}

export function Picker({ wires, chosen, onChoose }: Choice) {
  const t = useWords(words);
  const groups = [...new Set(wires.map(({ group }) => group))];
  const of = (group: string) =>
    wires.filter((wire) => wire.group === group).toSorted((one, other) => rank(one) - rank(other));
  const rest = groups.filter((group) => !FIRST.includes(group));
  const shown = (group: string) => (
    <Group key={group} group={group} wires={of(group)} chosen={chosen} onChoose={onChoose} />
  );
  return (
    <div className="picker">
      {groups.filter((group) => FIRST.includes(group)).map(shown)}
      {rest.length > 0 && (
        <details open={rest.some((group) => of(group).some(({ name }) => name === chosen))}>
          <summary>{t("more_wires")}</summary>
          {rest.map(shown)}
        </details>
      )}
    </div>
  );
}

/** What needs a word of warning comes last, and what can't be had after that. */
function rank({ available, unsafe }: WireInfo): number {
  if (!available) return 2;
  return unsafe ? 1 : 0;
}

function Group({ group, ...choice }: Choice & { group: string }) {
  const t = useWords(words);
  return (
    <fieldset className="wire-group">
      <legend>{groupOf(t, group)}</legend>
      <div className="wire-list">
        {choice.wires.map((wire) => (
          <Wire
            key={wire.name}
            wire={wire}
            chosen={wire.name === choice.chosen}
            onChoose={choice.onChoose}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Wire({
  wire,
  chosen,
  onChoose,
}: {
  wire: WireInfo;
  chosen: boolean;
  onChoose: (wire: string) => void;
}) {
  const t = useWords(words);
  const locale = useLocale();
  const id = useId();
  return (
    <label className="wire-choice" data-family={wire.family} data-wire={wire.name}>
      <input
        type="radio"
        name="wire"
        value={wire.name}
        checked={chosen}
        disabled={!wire.available}
        aria-describedby={id}
        onChange={() => onChoose(wire.name)}
      />
      <span className="wire-title">{titleOf(t, wire.name)}</span>
      <span className="wire-about" id={id}>
        {aboutOf(t, wire)}
        {!wire.available && <span className="wire-reason">{reasonOf(t, wire, locale)}</span>}
        {wire.available && wire.unsafe && (
          <span className="wire-reason">{t("unsafe", { reason: unsafeOf(t, wire) })}</span>
        )}
      </span>
    </label>
  );
}
