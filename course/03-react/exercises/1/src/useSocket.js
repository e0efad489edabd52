import { useEffect, useRef, useState } from "react";

const PAUSE_MS = 1000;

export function useSocket(url) {
  const current = useRef(null);
  const [state, setState] = useState("connecting");
  const [messages, setMessages] = useState([]);

  useEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    let timer;

    function connect() {
      const socket = new WebSocket(url);
      current.current = socket;
      setState("connecting");
      socket.addEventListener("open", () => setState("open"), { signal });
      socket.addEventListener(
        "close",
        () => {
          setState("closed");
          timer = setTimeout(connect, PAUSE_MS);
        },
        { signal },
      );
      socket.addEventListener(
        "message",
        ({ data }) => setMessages((earlier) => [...earlier, data]),
        { signal },
      );
    }

    connect();
    return () => {
      listeners.abort();
      clearTimeout(timer);
      current.current.close();
    };
  }, [url]);

  return { state, messages, send: (text) => current.current.send(text) };
}
