// The tour: guess, do, see. A card beside the real page, or above it where there is less room.

import Chat from "../chat";
import Inspector from "../inspector";
import { useBox } from "../inspector/use";
import Race from "../race";
import { Card } from "./Card";
import { Crossed } from "./Crossed";
import { isStep, stepOf } from "./steps";
import { useSeenHeight } from "./useSeenHeight";
import "./tour.css";

/** From here on the inspector stands beside the chat; with less, what crossed is a line each. */
const INSPECTOR_PX = 900;

/** `step`: what follows `#/tour/`; empty for the beginning. */
export default function Tour({ step: name }: { step: string }) {
  const step = stepOf(name);
  useSeenHeight();
  return (
    <div className="tour">
      <Card step={step} unknown={name === "" || isStep(name) ? null : name} />
      <div className="tour-page">{step === "race" ? <Race /> : <ChatAndTransport />}</div>
    </div>
  );
}

/** Always together: what is said, and what crosses for it. */
function ChatAndTransport() {
  const [box, { width }] = useBox<HTMLDivElement>();
  return (
    <div className="tour-both" ref={box}>
      <div className="tour-chat">
        <Chat />
      </div>
      <aside className="tour-transport">
        {width >= INSPECTOR_PX ? <Inspector beside /> : <Crossed />}
      </aside>
    </div>
  );
}
