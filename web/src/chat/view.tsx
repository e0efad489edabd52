// The chat with the inspector beside it, where there is room.

import { InspectorPane } from "../inspector/InspectorPane";
import Chat from ".";

export default function ChatView() {
  return (
    <InspectorPane>
      <Chat />
    </InspectorPane>
  );
}
