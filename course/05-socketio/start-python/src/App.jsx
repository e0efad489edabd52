import { useState } from "react";
import { Chat } from "./Chat.jsx";

export function App() {
  const [place, setPlace] = useState(null);

  function join(event) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    setPlace({ name: fields.get("name"), room: fields.get("room") });
  }

  if (place) return <Chat room={place.room} name={place.name} />;
  return (
    <form onSubmit={join}>
      <input name="name" aria-label="Name" placeholder="Name" required />
      <input name="room" aria-label="Room" placeholder="Room" required />
      <button type="submit">Join</button>
    </form>
  );
}
