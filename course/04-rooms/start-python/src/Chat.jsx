import { useEffect, useRef, useState } from "react";
import { connect } from "../client.mjs";

const SERVER = import.meta.env.VITE_SERVER ?? "http://127.0.0.1:3000";

export function Chat({ room, name }) {
  const client = useRef(null);
  const [messages, setMessages] = useState([]);
  const [text, setText] = useState("");

  useEffect(() => {
    const onMessage = (message) => setMessages((earlier) => [...earlier, message]);
    const connected = connect(SERVER, { room, name, onMessage });
    client.current = connected;
    return () => connected.close();
  }, [room, name]);

  function send(event) {
    event.preventDefault();
    client.current.say(text);
    setText("");
  }

  return (
    <>
      <h1>{room}</h1>
      <ol>
        {messages.map((message, index) => (
          <li key={index}>
            <b>{message.name}</b> {message.text}
          </li>
        ))}
      </ol>
      <form onSubmit={send}>
        <input aria-label="Text" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Send</button>
      </form>
    </>
  );
}
