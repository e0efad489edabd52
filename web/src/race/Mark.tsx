// A transport's mark, in the colour of the text around it.

import { markAt } from "./look";

export function Mark({ look }: { look: number }) {
  return (
    <svg className="transport-mark" width={14} height={14} aria-hidden="true">
      <path d={markAt(look, 7, 7, 5.5)} fill="currentColor" />
    </svg>
  );
}
