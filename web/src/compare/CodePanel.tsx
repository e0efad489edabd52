// Beside a lane: the lines of its client and its server that did what the waterfall shows.

import { useState } from "react";
import type { TransportInfo } from "../control";
import { useWords } from "../i18n";
import { clientOf, serverOf } from "./code";
import type { Step } from "./waterfall";
import { words } from "./words";

const SIDES = { client: clientOf, server: serverOf };
type CodeSide = keyof typeof SIDES;

interface Props {
  transport: Pick<TransportInfo, "name" | "family">;
  /** What happens now, or what was chosen: its lines stand out. */
  step: Step | null;
}

export default function CodePanel({ transport, step }: Props) {
  const t = useWords(words);
  const [side, setSide] = useState<CodeSide>("client");
  const code = SIDES[side](transport);
  return (
    <div className="code">
      <div className="code-bar">
        {(["client", "server"] as const).map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === side}
            onClick={() => setSide(name)}
          >
            {t(`code_${name}`)}
          </button>
        ))}
        <span className="quiet">{code?.file}</span>
      </div>
      {code ? (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is not for text
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by key
        <pre tabIndex={0} role="group" aria-label={t("code")}>
          {code.lines.map(({ step: of, text }, n) => (
            <code key={n} data-now={of === step}>
              <span className="code-step">{t(`step_${of}`)}</span>
              {text}
            </code>
          ))}
        </pre>
      ) : (
        <p className="quiet">{t("code_none")}</p>
      )}
    </div>
  );
}
