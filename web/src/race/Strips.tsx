// During a race: a strip for each wire, all to one scale.

import type { RefObject } from "react";
import { useWords } from "../i18n";
import { useBox } from "../inspector/use";
import { colourOf } from "./look";
import { Mark } from "./Mark";
import { median, quantile } from "./quantile";
import { sayMs } from "./say";
import type { Lane, Standing } from "./standing";
import { heightAt, stripOf, topOf } from "./strip";
import { words } from "./words";

const HEIGHT = 44;

export function Strips({ standing }: { standing: Standing }) {
  const t = useWords(words);
  const [ref, { width }] = useBox<HTMLDivElement>();
  const { plan, lanes } = standing;
  const top = topOf(plan.wires.map((wire) => lanes[wire]!.rtt_ms));
  const expected = plan.rounds * plan.messages;
  return (
    <section className="strips" aria-label={t("strips")}>
      <h2>{t("strips")}</h2>
      <p className="tip">{top === null ? t("no_scale") : t("scale", { top })}</p>
      <div className="lanes">
        {plan.wires.map((wire, look) => (
          <One
            key={wire}
            wire={wire}
            lane={lanes[wire]!}
            look={look}
            frame={{ width, height: HEIGHT, top: top ?? 1, expected }}
            box={look === 0 ? ref : undefined}
          />
        ))}
      </div>
    </section>
  );
}

interface OneProps {
  wire: string;
  lane: Lane;
  look: number;
  frame: { width: number; height: number; top: number; expected: number };
  /** Measures what the first strip, and so each of them, has for its width. */
  box: RefObject<HTMLDivElement | null> | undefined;
}

function One({ wire, lane, look, frame, box }: OneProps) {
  const t = useWords(words);
  const { marks, beyond } = stripOf(lane.rtt_ms, look, frame);
  const middle = median(lane.rtt_ms);
  return (
    <div className="lane" style={{ color: colourOf(look) }}>
      <p>
        <Mark look={look} />
        <span className="lane-name">{wire}</span>
        <span className="lane-now">{now(lane, t("waiting"))}</span>
      </p>
      <div className="lane-strip" ref={box}>
        <svg width={frame.width} height={HEIGHT} role="img" aria-label={spoken(wire, lane, t)}>
          <path className="lane-floor" d={`M0 ${HEIGHT - 0.5}H${frame.width}`} />
          {middle !== null && (
            <path className="lane-median" d={`M0 ${heightAt(middle, frame)}H${frame.width}`} />
          )}
          <path d={marks} fill="currentColor" />
          <path className="lane-beyond" d={beyond} />
        </svg>
      </div>
    </div>
  );
}

function now(lane: Lane, waiting: string): string {
  if (lane.state === "failed") return lane.reason ?? "";
  const last = lane.rtt_ms.at(-1);
  return last === undefined ? waiting : `${sayMs(last)} ms`;
}

function spoken(
  wire: string,
  { rtt_ms }: Lane,
  t: ReturnType<typeof useWords<keyof (typeof words)["en"]>>,
): string {
  const [middle, p99] = [median(rtt_ms), quantile(rtt_ms, 0.99)];
  if (middle === null || p99 === null) return t("strip_none", { wire });
  const said = { median: `${sayMs(middle)} ms`, p99: `${sayMs(p99)} ms` };
  return t("strip", { wire, n: rtt_ms.length, ...said });
}
