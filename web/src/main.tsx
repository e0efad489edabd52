// Where the page begins.

import "./app/styles.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { LabContext } from "./app/lab";
import { applyTheme } from "./app/theme";
import { Talk } from "./chat/talk";
import { Control, controlUrl } from "./control";
import { locale } from "./i18n";
import { feedOf } from "./inspector/feed";
import { expose } from "./race/expose";

applyTheme();
document.documentElement.lang = locale();

const control = new Control(controlUrl(window.location));
const lab = { control, talk: new Talk(control) };
feedOf(lab);
control.start();
lab.talk.resume();
expose(lab);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <LabContext value={lab}>
      <App />
    </LabContext>
  </StrictMode>,
);
