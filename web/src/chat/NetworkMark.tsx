// What is emulated on the chat's link, said where people wait for it, and the way back.

import { useWords } from "../i18n";
import { isStill, STILL, sayBandwidth } from "../inspector/network";
import { useFeed } from "../inspector/use";
import { words } from "./words";

export function NetworkMark() {
  const t = useWords(words);
  const { feed, state } = useFeed();
  const { network, stalled } = state;
  if (!stalled && isStill(network)) return null;
  const { delay_ms, jitter_ms, bandwidth_bit_per_s: bandwidth } = network;
  const said = [
    stalled && t("network_stalled"),
    delay_ms > 0 && t("network_delay", { ms: delay_ms }),
    jitter_ms > 0 && t("network_jitter", { ms: jitter_ms }),
    bandwidth !== null && sayBandwidth(bandwidth),
  ];
  const normal = () => {
    if (stalled) void feed.stall(false);
    void feed.emulate(STILL);
  };
  return (
    <div className="network-mark" role="status" data-stalled={stalled || undefined}>
      <span>{said.filter(Boolean).join(" · ")}</span>
      <button type="button" onClick={normal}>
        {t("network_normal")}
      </button>
    </div>
  );
}
