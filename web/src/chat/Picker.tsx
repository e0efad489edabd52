// The transport picker: every transport of the lab; at the end those that can't be had here, with the reason.

import { useId } from "react";
import type { TransportInfo } from "../control";
import { useLocale, useWords } from "../i18n";
import { aboutOf, groupOf, reasonOf, titleOf, unsafeOf } from "./phrases";
import { words } from "./words";

const FIRST: readonly string[] = ["core", "fallbacks"];
const UNAVAILABLE = "unavailable";
interface Choice {
  transports: readonly TransportInfo[];
  chosen: string;
  onChoose: (transport: string) => void;
}

export function Picker({ transports, chosen, onChoose }: Choice) {
  const t = useWords(words);
  const groups = [...new Set([...transports.map(({ group }) => group), UNAVAILABLE])];
  // What needs a word of warning comes last; what can't be had is below the rest.
  const of = (group: string) =>
    transports
      .filter((transport) =>
        group === UNAVAILABLE
          ? !transport.available
          : transport.available && transport.group === group,
      )
      .toSorted((one, other) => Number(!!one.unsafe) - Number(!!other.unsafe));
  const rest = groups.filter((group) => !FIRST.includes(group) && of(group).length > 0);
  const shown = (group: string) => (
    <Group key={group} group={group} transports={of(group)} chosen={chosen} onChoose={onChoose} />
  );
  return (
    <div className="picker">
      {groups.filter((group) => FIRST.includes(group)).map(shown)}
      {rest.length > 0 && (
        <details open={rest.some((group) => of(group).some(({ name }) => name === chosen))}>
          <summary>{t("more_transports")}</summary>
          {rest.map(shown)}
        </details>
      )}
    </div>
  );
}

function Group({ group, ...choice }: Choice & { group: string }) {
  const t = useWords(words);
  return (
    <fieldset className="transport-group">
      <legend>{groupOf(t, group)}</legend>
      <div className="transport-list">
        {choice.transports.map((transport) => (
          <Transport
            key={transport.name}
            transport={transport}
            chosen={transport.name === choice.chosen}
            onChoose={choice.onChoose}
          />
        ))}
      </div>
    </fieldset>
  );
}

function Transport({
  transport,
  chosen,
  onChoose,
}: {
  transport: TransportInfo;
  chosen: boolean;
  onChoose: (transport: string) => void;
}) {
  const t = useWords(words);
  const locale = useLocale();
  const id = useId();
  return (
    <label
      className="transport-choice"
      data-family={transport.family}
      data-transport={transport.name}
    >
      <input
        type="radio"
        name="transport"
        value={transport.name}
        checked={chosen}
        disabled={!transport.available}
        aria-describedby={id}
        onChange={() => onChoose(transport.name)}
      />
      <span className="transport-title">{titleOf(t, transport.name)}</span>
      <span className="transport-about" id={id}>
        {aboutOf(t, transport)}
        {transport.available && transport.own_rooms && (
          <span className="transport-reason">{t("own_rooms")}</span>
        )}
        {transport.available && !transport.relayed && (
          <span className="transport-reason">{t("not_relayed")}</span>
        )}
        {!transport.available && (
          <span className="transport-reason">{reasonOf(t, transport, locale)}</span>
        )}
        {transport.available && transport.unsafe && (
          <span className="transport-reason">
            {t("unsafe", { reason: unsafeOf(t, transport) })}
          </span>
        )}
      </span>
    </label>
  );
}
