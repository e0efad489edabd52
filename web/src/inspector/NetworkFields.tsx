// Three sliders that emulate a network: used beside the chat, and before a race.

import { useId } from "react";
import type { Network } from "../control";
import { useWords } from "../i18n";
import {
  BANDWIDTHS,
  delayed,
  jittered,
  MOST_DELAY_MS,
  MOST_JITTER_MS,
  sayBandwidth,
  stopOf,
} from "./network";
import { words } from "./words";
import "./network-fields.css";

interface Props {
  network: Network;
  disabled?: boolean;
  onChange: (network: Network) => void;
}

export function NetworkFields({ network, disabled = false, onChange }: Props) {
  const t = useWords(words);
  const { delay_ms, jitter_ms, bandwidth_bit_per_s: bandwidth } = network;
  return (
    <div className="network-fields">
      <Slider
        name={t("delay")}
        max={MOST_DELAY_MS}
        step={10}
        value={delay_ms}
        said={t("ms", { n: delay_ms })}
        disabled={disabled}
        onChange={(value) => onChange(delayed(network, value))}
      />
      <Slider
        name={t("jitter")}
        max={MOST_JITTER_MS}
        step={5}
        value={jitter_ms}
        said={t("ms", { n: jitter_ms })}
        disabled={disabled}
        onChange={(value) => onChange(jittered(network, value))}
      />
      <Slider
        name={t("bandwidth")}
        max={BANDWIDTHS.length - 1}
        step={1}
        value={stopOf(bandwidth)}
        said={bandwidth === null ? t("unlimited") : sayBandwidth(bandwidth)}
        disabled={disabled}
        onChange={(stop) => onChange({ ...network, bandwidth_bit_per_s: BANDWIDTHS[stop] ?? null })}
      />
    </div>
  );
}

interface SliderProps {
  name: string;
  max: number;
  step: number;
  value: number;
  said: string;
  disabled: boolean;
  onChange: (value: number) => void;
}

function Slider({ name, max, step, value, said, disabled, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className="slider">
      <label htmlFor={id}>{name}</label>
      <output htmlFor={id}>{said}</output>
      <input
        id={id}
        type="range"
        min={0}
        max={max}
        step={step}
        value={value}
        aria-valuetext={said}
        disabled={disabled}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </div>
  );
}
