// The chat: the door as long as one is nowhere, then the rooms.

import { useEffect } from "react";
import { useChat, useLab } from "../app/lab";
import "./chat.css";
import { Door } from "./Door";
import { Rooms } from "./Rooms";

export default function Chat() {
  const { talk } = useLab();
  const { phase } = useChat();
  useEffect(() => {
    const look = () => talk.look(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      talk.look(false);
    };
  }, [talk]);
  return phase === "idle" ? <Door /> : <Rooms />;
}
