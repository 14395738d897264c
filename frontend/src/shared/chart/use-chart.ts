import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type RefObject } from 'react';
import { ChartView } from './chart-view';
import { attachGestures } from './gestures';
import type { Scene } from './scene';
import { ChartStore } from './store';
import type { View } from './view';

/** Put a chart on the element that gets the returned ref; React renders nothing while it is panned or pointed at. */
export function useChart(
  scene: Scene,
  store: ChartStore,
): { hostRef: (host: HTMLElement | null) => void; viewRef: RefObject<ChartView | null> } {
  const viewRef = useRef<ChartView | null>(null);
  const latest = useRef(scene);
  const [host, setHost] = useState<HTMLElement | null>(null);

  useEffect(() => {
    latest.current = scene;
    viewRef.current?.setScene(scene);
  }, [scene]);

  useEffect(() => {
    if (!host) return;
    const view = new ChartView(host, store, latest.current);
    const detach = attachGestures(host, view, store);
    viewRef.current = view;
    return () => {
      viewRef.current = null;
      detach();
      view.destroy();
    };
  }, [host, store]);

  return { hostRef: setHost, viewRef };
}

/** A store that lives as long as the component. */
export function useChartStore(bounds: View, home: View): ChartStore {
  const [store] = useState(() => new ChartStore(bounds, home));
  return store;
}

export function useCursor(store: ChartStore): number | null {
  return useSyncExternalStore(store.subscribe, store.cursor);
}

/** The visible part of the axis, at every step of a gesture. */
export function useView(store: ChartStore): View {
  return useSyncExternalStore(store.subscribe, store.view);
}

/** The visible part of the axis, once a gesture has come to rest. */
export function useSettledView(store: ChartStore): View {
  return useSyncExternalStore(store.subscribe, store.settledView);
}

/** Text for a polite live region: what the keyboard points at, not every pixel that a mouse passes. */
export function useAnnouncement(describe: () => string): { text: string; onKeyUp: () => void } {
  const [text, setText] = useState('');
  const onKeyUp = useCallback(() => {
    setText(describe());
  }, [describe]);
  return { text, onKeyUp };
}
