import { useEffect } from 'react';
import { baseOf } from '../../shared/chart/frame';
import type { Pin } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useSettledView } from '../../shared/chart/use-chart';
import { changesIn, findingSentence, minutesIn, sinceDate } from './finding';
import type { Layer } from './layers';

/** Say the finding for what is visible, above the chart where the server said it for the whole range. */
export function useFinding(layer: Layer, sessions: SessionTable, store: ChartStore, pin: Pin | null): string {
  const view = useSettledView(store);
  const { table, comparison } = layer;
  const today = sessions.last?.session ?? comparison.last.session;
  const base = baseOf(table, view, pin);
  const since = sinceDate(sessions, base?.ordinal ?? view.min, today);
  const isWhole = store.isHome() && view.min === layer.coverage.min && view.max === layer.coverage.max;
  const minutes = isWhole ? comparison.matched_minutes : minutesIn(table, view);
  const sentence = findingSentence(changesIn(table, comparison.symbols, view, pin), since, minutes);

  useEffect(() => {
    const place = document.getElementById('finding');
    if (place) place.textContent = sentence;
  }, [sentence]);

  return sentence;
}
