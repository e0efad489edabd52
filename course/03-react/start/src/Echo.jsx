import { useState } from "react";
import { useSocket } from "./useSocket.js";

export function Echo({ url }) {
  const { state, messages, send } = useSocket(url);
  const [text, setText] = useState("");

  function submit(event) {
    event.preventDefault();
    send(text);
    setText("");
  }

  return (
    <>
      <p role="status">{state}</p>
      <ol>
        {messages.map((message, index) => (
          <li key={index}>{message}</li>
        ))}
      </ol>
      <form onSubmit={submit}>
        <input aria-label="Text" value={text} onChange={(event) => setText(event.target.value)} />
        <button type="submit">Send</button>
      </form>
    </>
  );
}
