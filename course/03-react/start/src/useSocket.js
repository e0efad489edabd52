import { useEffect, useRef, useState } from "react";

export function useSocket(url) {
  const current = useRef(null);
  const [state, setState] = useState("connecting");
  const [messages, setMessages] = useState([]);

  useEffect(() => {
    const socket = new WebSocket(url);
    current.current = socket;
    socket.addEventListener("open", () => setState("open"));
    socket.addEventListener("message", ({ data }) => {
      setMessages((earlier) => [...earlier, data]);
    });
  }, [url]);

  return { state, messages, send: (text) => current.current.send(text) };
}
