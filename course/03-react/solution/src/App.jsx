import { useState } from "react";
import { Echo } from "./Echo.jsx";

const SERVER = import.meta.env.VITE_SERVER ?? "ws://127.0.0.1:3000";

export function App() {
  const [here, setHere] = useState(true);

  return (
    <>
      <button type="button" onClick={() => setHere(!here)}>
        {here ? "Leave" : "Come back"}
      </button>
      {here && <Echo url={SERVER} />}
    </>
  );
}
