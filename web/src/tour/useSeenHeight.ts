// On a phone: where an on-screen keyboard covers the page, the tour takes only what is left above it.

import { useEffect } from "react";

const PROPERTY = "--seen-height";

/** Sets `--seen-height` to the height that can be seen, unless somebody has zoomed in by fingers. */
export function useSeenHeight(): void {
  useEffect(() => {
    const { visualViewport: seen } = window;
    const root = document.documentElement.style;
    if (!seen) return;
    const measure = () => {
      if (seen.scale > 1) root.removeProperty(PROPERTY);
      else root.setProperty(PROPERTY, `${seen.height}px`);
    };
    measure();
    seen.addEventListener("resize", measure);
    return () => {
      seen.removeEventListener("resize", measure);
      root.removeProperty(PROPERTY);
    };
  }, []);
}
