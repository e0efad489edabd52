// What every part of the page may use: the control channel and the chat, as one context.

import { createContext, useContext, useSyncExternalStore } from "react";
import type { ChatStore } from "../chat/chat-store";
import type { ChatState } from "../chat/state";
import type { Control, ControlState } from "../control";

export interface Lab {
  control: Control;
  chatStore: ChatStore;
}

export const LabContext = createContext<Lab | null>(null);

export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (!lab) throw new Error("no LabContext around this component");
  return lab;
}

export function useControl(): ControlState {
  const { control } = useLab();
  return useSyncExternalStore(control.subscribe, control.snapshot);
}

export function useChat(): ChatState {
  const { chatStore } = useLab();
  return useSyncExternalStore(chatStore.subscribe, chatStore.snapshot);
}
