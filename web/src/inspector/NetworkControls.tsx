// Controls of the inspected link: emulate a network, stall the link, cut it, while the chat goes on.

import { useWords } from "../i18n";
import type { Feed, FeedState } from "./feed";
import { NetworkFields } from "./NetworkFields";
import { isStill, STILL } from "./network";
import { words } from "./words";

export function NetworkControls({ feed, state }: { feed: Feed; state: FeedState }) {
  const t = useWords(words);
  const { network, stalled } = state;
  const gone = state.line === null;
  return (
    <section className="network-controls" aria-label={t("network")}>
      <NetworkFields network={network} onChange={(next) => void feed.emulate(next)} />
      <div className="network-controls-buttons">
        <button
          type="button"
          aria-pressed={stalled}
          disabled={gone}
          onClick={() => void feed.stall(!stalled)}
        >
          {t(stalled ? "unstall" : "stall")}
        </button>
        <button
          type="button"
          className="danger"
          disabled={gone}
          title={t("cut_hint")}
          onClick={() => void feed.cut("rst")}
        >
          {t("cut_rst")}
        </button>
        <button
          type="button"
          className="danger"
          disabled={gone}
          title={t("cut_hint")}
          onClick={() => void feed.cut("fin")}
        >
          {t("cut_fin")}
        </button>
        <button type="button" disabled={isStill(network)} onClick={() => void feed.emulate(STILL)}>
          {t("reset")}
        </button>
      </div>
      <p className="tip" aria-live="polite">
        {stalled ? t("stalled") : t("rtt", { n: 2 * network.delay_ms })}
      </p>
    </section>
  );
}
