// The network of both lanes: presets, a slider, and a while without any.

import { useId } from "react";
import type { Network } from "../control";
import { useWords } from "../i18n";
import { delayed } from "../inspector/network";
import { PRESET_NAMES, PRESETS, presetOf } from "./settings";
import { words } from "./words";

const MOST_DELAY_MS = 300;

interface Props {
  network: Network;
  offline: boolean;
  onChange: (network: Network) => void;
  onOffline: () => void;
}

export function NetworkBar({ network, offline, onChange, onOffline }: Props) {
  const t = useWords(words);
  const id = useId();
  const chosen = presetOf(network);
  const said = t("ms", { n: network.delay_ms });
  return (
    <fieldset className="compare-network">
      <legend className="hidden">{t("network")}</legend>
      <div className="presets">
        {PRESET_NAMES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === chosen}
            onClick={() => onChange(PRESETS[name])}
          >
            {t(`preset_${name}`)}
          </button>
        ))}
        <button type="button" aria-pressed={offline} disabled={offline} onClick={onOffline}>
          {t("offline")}
        </button>
      </div>
      <div className="compare-delay">
        <label htmlFor={id}>{t("delay")}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={MOST_DELAY_MS}
          step={1}
          value={network.delay_ms}
          aria-valuetext={said}
          onChange={(event) => onChange(delayed(network, event.target.valueAsNumber))}
        />
        <output htmlFor={id}>{said}</output>
      </div>
    </fieldset>
  );
}
