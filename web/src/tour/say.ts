// How the tour says its numbers. Pure.

import { sayMs, sayTimes } from "../race/say";
import type { Step } from "./steps";

/** In the unit of the step, without it. */
export function sayValue(step: Step, value: number): string {
  if (step === "emulate") return sayMs(value);
  if (step === "race" || step === "cut") {
    return Number.isInteger(value) ? String(value) : sayTimes(value);
  }
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u2009");
}
