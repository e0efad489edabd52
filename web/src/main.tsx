// Where the page begins.

import "./app/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { LabContext } from "./app/lab";
import { applyTheme } from "./app/theme";
import { ChatStore } from "./chat/chat-store";
import { countInTitle } from "./chat/title";
import { Control, controlUrl } from "./control";
import { locale } from "./i18n";
import { feedOf } from "./inspector/feed";
import { expose } from "./race/expose";

applyTheme();
document.documentElement.lang = locale();

const control = new Control(controlUrl(window.location));
const lab = { control, chatStore: new ChatStore(control) };
feedOf(lab);
countInTitle(lab.chatStore);
control.start();
lab.chatStore.resume();
expose(lab);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <LabContext value={lab}>
      <App />
    </LabContext>
  </StrictMode>,
);
