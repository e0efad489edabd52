// The chat: the join form until you are in a room, then the rooms.

import { useEffect } from "react";
import { useChat, useLab } from "../app/lab";
import { useRoute } from "../app/route";
import "./chat.css";
import { JoinForm } from "./JoinForm";
import { Rooms } from "./Rooms";

export default function Chat() {
  const { chatStore } = useLab();
  const { phase } = useChat();
  useEffect(() => {
    const look = () => chatStore.look(document.visibilityState === "visible");
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      document.removeEventListener("visibilitychange", look);
      chatStore.look(false);
    };
  }, [chatStore]);
  const { view, rest } = useRoute();
  const link = view === "chat" ? rest : "";
  return phase === "idle" ? <JoinForm key={link} link={link} /> : <Rooms />;
}
