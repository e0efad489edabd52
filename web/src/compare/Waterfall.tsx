// A lane's waterfall on the page: the shapes of its drawing as SVG.

import { useWords } from "../i18n";
import { useBox } from "../inspector/use";
import { drawingOf, type Scales, type Shape } from "./drawing";
import type { LaneSeen } from "./seen";
import { words } from "./words";

interface Props {
  seen: LaneSeen;
  scales: Scales;
  /** All of it in a sentence. */
  label: string;
}

export function Waterfall({ seen, scales, label }: Props) {
  const t = useWords(words);
  const [ref, { width }] = useBox<HTMLDivElement>();
  const { shapes, height } = drawingOf(t, seen, scales, width);
  return (
    <div className="waterfall" ref={ref} style={{ minHeight: height }}>
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={label}>
          {shapes.map((shape, n) => (
            <Drawn key={n} shape={shape} />
          ))}
        </svg>
      )}
    </div>
  );
}

function Drawn({ shape }: { shape: Shape }) {
  const className = `fill-${shape.fill}`;
  if (shape.kind === "rect") {
    const { x, y, width, height } = shape;
    return <rect className={className} x={x} y={y} width={width} height={height} />;
  }
  const { x, y, text, anchor, bold } = shape;
  return (
    <text className={className} x={x} y={y} textAnchor={anchor} fontWeight={bold ? 600 : 400}>
      {text}
    </text>
  );
}
