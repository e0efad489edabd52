// What the inspector's parts share: the feed, and how wide the room for a drawing is.

import { type RefObject, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLab } from "../app/lab";
import { type Feed, type FeedState, feedOf } from "./feed";

export function useFeed(): { feed: Feed; state: FeedState } {
  const feed = feedOf(useLab());
  return { feed, state: useSyncExternalStore(feed.subscribe, feed.snapshot) };
}

export interface Box {
  width: number;
  height: number;
}

/** The size of an element's content in CSS pixels, as it changes; zero until it is known. */
export function useBox<E extends HTMLElement>(): [RefObject<E | null>, Box] {
  const ref = useRef<E>(null);
  const [box, setBox] = useState<Box>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const measure = () => setBox({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [ref, box];
}
