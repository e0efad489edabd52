// "Share this view": a link that restores it, and a picture of it.

import { type RefObject, useEffect, useRef, useState } from "react";
import { hrefOf } from "../app/route";
import { useWords } from "../i18n";
import type { Fill } from "./drawing";
import { type Colours, type Picture, svgOf } from "./picture";
import { type Settings, toLink } from "./settings";
import { words } from "./words";

interface Props {
  settings: Settings;
  /** As it stands when it is asked for. */
  pictureOf: () => Picture;
}

export function Share({ settings, pictureOf }: Props) {
  const t = useWords(words);
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
  }, [open]);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {t("share")}
      </button>
      <dialog ref={dialog} className="share" aria-label={t("share")} onClose={() => setOpen(false)}>
        {open && <Ways dialog={dialog} settings={settings} pictureOf={pictureOf} />}
      </dialog>
    </>
  );
}

function Ways({
  dialog,
  settings,
  pictureOf,
}: Props & { dialog: RefObject<HTMLDialogElement | null> }) {
  const t = useWords(words);
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const link = linkOf(settings);
  const copy = async () => {
    field.current?.select();
    // A page that is shared over plain HTTP has no clipboard; the text is selected to be copied.
    await navigator.clipboard?.writeText(link);
    setCopied(true);
  };
  return (
    <>
      <h2>{t("share")}</h2>
      <label className="share-link">
        <span>{t("share_link")}</span>
        <input ref={field} readOnly value={link} onFocus={(event) => event.target.select()} />
      </label>
      <p className="quiet">{t("share_where", { host: window.location.host })}</p>
      <div className="share-acts">
        <button type="button" className="primary" onClick={() => void copy()}>
          {t(copied ? "share_copied" : "share_copy")}
        </button>
        <button type="button" onClick={() => saveSvg(svgNow(dialog, pictureOf()))}>
          {t("share_svg")}
        </button>
        <button type="button" onClick={() => void savePng(svgNow(dialog, pictureOf()))}>
          {t("share_png")}
        </button>
        <button type="button" onClick={() => dialog.current?.close()}>
          {t("share_close")}
        </button>
      </div>
    </>
  );
}

function linkOf(settings: Settings): string {
  const page = window.location.href.replace(/#.*$/, "");
  return `${page}${hrefOf("compare", toLink(settings))}`;
}

function svgNow(dialog: RefObject<HTMLElement | null>, picture: Picture): string {
  return svgOf(picture, coloursIn(dialog.current!));
}

const FILLS: readonly Fill[] = [
  "payload",
  "framing",
  "http",
  "tls",
  "connect",
  "waiting",
  "page",
  "grid",
  "up",
  "down",
  "text",
  "quiet",
];

/** What the style sheet gives these fills where an element stands. */
function coloursIn(element: HTMLElement): Colours {
  const probe = element.appendChild(document.createElement("span"));
  const colours = FILLS.map((fill) => {
    probe.className = `fill-${fill}`;
    return [fill, getComputedStyle(probe).fill];
  });
  probe.remove();
  const ground = getComputedStyle(element).backgroundColor;
  return Object.fromEntries([...colours, ["ground", ground]]) as Colours;
}

const NAME = "one-message-two-transports";
/** Pictures are pasted where screens are dense. */
const PNG_SCALE = 2;

function saveSvg(svg: string): void {
  save(new Blob([svg], { type: "image/svg+xml" }), `${NAME}.svg`);
}

async function savePng(svg: string): Promise<void> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * PNG_SCALE;
  canvas.height = image.height * PNG_SCALE;
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  canvas.toBlob((blob) => blob && save(blob, `${NAME}.png`), "image/png");
}

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Not at once: the browser may not have begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
