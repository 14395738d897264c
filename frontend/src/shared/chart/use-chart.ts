import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { ChartView } from './chart-view';
import { attachGestures } from './gestures';
import type { Scene } from './scene';
import { ChartStore } from './store';
import type { View } from './view';

/**
 * Put a chart on the element that gets the returned ref. React renders nothing while it is panned or pointed at.
 * `onView` is told the chart, and null once it is gone.
 */
export function useChart(
  scene: Scene,
  store: ChartStore,
  onView?: (view: ChartView | null) => void,
): (host: HTMLElement | null) => void {
  const current = useRef<ChartView | null>(null);
  const latest = useRef(scene);
  const [host, setHost] = useState<HTMLElement | null>(null);

  useEffect(() => {
    latest.current = scene;
    current.current?.setScene(scene);
  }, [scene]);

  useEffect(() => {
    if (!host) return;
    const view = new ChartView(host, store, latest.current);
    const detach = attachGestures(host, view, store);
    current.current = view;
    onView?.(view);
    return () => {
      current.current = null;
      onView?.(null);
      detach();
      view.destroy();
    };
  }, [host, store, onView]);

  return setHost;
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
