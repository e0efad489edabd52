// During a race: every round trip, a strip for each transport, all to one scale.

import type { RefObject } from "react";
import { titleOf } from "../chat/phrases";
import { words as chatWords } from "../chat/words";
import { useWords, type Words } from "../i18n";
import { useBox } from "../inspector/use";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import { median, quantile } from "./quantile";
import type { Lane, Ranking } from "./ranking";
import { sayMs } from "./say";
import { heightAt, stripOf, topOf } from "./strip";
import { words } from "./words";

const HEIGHT = 44;

type T = Words<keyof (typeof words)["en"]>;

export function Strips({ ranking }: { ranking: Ranking }) {
  const t = useWords(words);
  const [ref, { width }] = useBox<HTMLDivElement>();
  const { plan, lanes } = ranking;
  const top = topOf(plan.transports.map((transport) => lanes[transport]!.rtt_ms));
  const expected = plan.rounds * plan.messages;
  return (
    <details className="strips">
      <summary>{t("strips")}</summary>
      <p className="tip">{t(top === null ? "no_scale" : "scale", { n: expected })}</p>
      <div className="lanes">
        {plan.transports.map((transport, look) => (
          <One
            key={transport}
            transport={transport}
            lane={lanes[transport]!}
            look={look}
            frame={{ width, height: HEIGHT, top: top ?? 1, expected }}
            box={look === 0 ? ref : undefined}
          />
        ))}
      </div>
    </details>
  );
}

interface OneProps {
  transport: string;
  lane: Lane;
  look: number;
  frame: { width: number; height: number; top: number; expected: number };
  /** Measures what the first strip, and so each of them, has for its width. */
  box: RefObject<HTMLDivElement | null> | undefined;
}

function One({ transport, lane, look, frame, box }: OneProps) {
  const t = useWords(words);
  const title = titleOf(useWords(chatWords), transport);
  const { marks, beyond, clipped } = stripOf(lane.rtt_ms, look, frame);
  const middle = median(lane.rtt_ms);
  return (
    <div className="lane" style={{ color: colourOf(look) }}>
      <p>
        <Mark look={look} />
        <span className="lane-name">{title}</span>
        <span className="lane-now">{now(lane, t)}</span>
      </p>
      <div className="lane-strip">
        <p className="lane-axis" aria-hidden="true">
          <span>{t("ms", { n: frame.top })}</span>
          <span>{t("ms", { n: 0 })}</span>
        </p>
        <div className="lane-box" ref={box}>
          <svg width={frame.width} height={HEIGHT} role="img" aria-label={spoken(title, lane, t)}>
            <path className="lane-floor" d={`M0 ${HEIGHT - 0.5}H${frame.width}`} />
            {middle !== null && (
              <path className="lane-median" d={`M0 ${heightAt(middle, frame)}H${frame.width}`} />
            )}
            <path d={marks} fill="currentColor" />
            <path className="lane-beyond" d={beyond} />
          </svg>
        </div>
      </div>
      {clipped && (
        <p className="lane-clipped">
          {t("clipped", { n: clipped.count, top: frame.top, longest: sayMs(clipped.longest) })}
        </p>
      )}
    </div>
  );
}

function now(lane: Lane, t: T): string {
  if (lane.state === "failed") return lane.reason ?? "";
  const middle = median(lane.rtt_ms);
  return middle === null ? t("waiting") : t("median_is", { ms: sayMs(middle) });
}

function spoken(transport: string, { rtt_ms }: Lane, t: T): string {
  const [middle, p99] = [median(rtt_ms), quantile(rtt_ms, 0.99)];
  if (middle === null || p99 === null) return t("strip_none", { transport });
  const said = { median: `${sayMs(middle)} ms`, p99: `${sayMs(p99)} ms` };
  return t("strip", { transport, n: rtt_ms.length, ...said });
}
