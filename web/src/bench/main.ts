// Where the measuring page begins: `window.lab`, which benchmarks/javascript drives.

import { Bench } from "./bench";

declare global {
  interface Window {
    lab: Bench;
  }
}

window.lab = new Bench();
