import { useEffect, useRef, useState } from "react";

export function useSocket(url) {
  const current = useRef(null);
  const [state, setState] = useState("connecting");
  const [messages, setMessages] = useState([]);

  useEffect(() => {
    const socket = new WebSocket(url);
    const listeners = new AbortController();
    const { signal } = listeners;
    current.current = socket;
    socket.addEventListener("open", () => setState("open"), { signal });
    socket.addEventListener("close", ({ code }) => setState(`closed ${code}`), { signal });
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

  return { state, messages, send: (text) => current.current.send(text) };
}
