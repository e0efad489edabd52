// Puts what crossed a line into a file of the reader's.

import type { FileForm } from "../control";

export const FORMS: readonly FileForm[] = ["capture", "har"];

const FILES = {
  capture: { ending: "jsonl", type: "application/jsonl" },
  har: { ending: "har", type: "application/json" },
};

/** The browser saves it, as `<transport>.jsonl` or `<transport>.har`. */
export function saveFile(form: FileForm, transport: string, text: string): void {
  const { ending, type } = FILES[form];
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${transport}.${ending}`;
  link.click();
  URL.revokeObjectURL(url);
}
