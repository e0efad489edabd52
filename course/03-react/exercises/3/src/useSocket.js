import { useEffect, useRef, useState } from "react";

export function useSocket(url) {
  const current = useRef(null);
  const waiting = useRef([]);
  const [state, setState] = useState("connecting");
  const [messages, setMessages] = useState([]);

  useEffect(() => {
    const socket = new WebSocket(url);
    const listeners = new AbortController();
    const { signal } = listeners;
    current.current = socket;
    socket.addEventListener(
      "open",
      () => {
        setState("open");
        for (const text of waiting.current.splice(0)) socket.send(text);
      },
      { signal },
    );
    socket.addEventListener("close", () => setState("closed"), { signal });
    socket.addEventListener(
      "message",
      ({ data }) => setMessages((earlier) => [...earlier, data]),
      { signal },
    );

    return () => {
      listeners.abort();
      socket.close();
    };
  }, [url]);

  function send(text) {
    if (current.current.readyState === WebSocket.OPEN) current.current.send(text);
    else waiting.current.push(text);
  }

  return { state, messages, send };
}
