import { useMemo, useState, useSyncExternalStore } from 'react';
import { get } from '../../api/client';
import type { Adjustment, Comparison } from '../../api/types';
import { viewOfDates, type SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useSettledView } from '../../shared/chart/use-chart';
import type { DateRange } from '../../shared/page/boot';
import { useLoad, type Loaded } from '../../shared/page/use-load';
import { detailDates, layerOf, pickLayer, suffices, type Layer } from './layers';

interface Wanted {
  api: string;
  symbols: readonly string[];
  dates: DateRange;
  adjustment: Adjustment;
  /** All the dates that there is data of. */
  whole: DateRange;
  /** The comparison of the first dates, when it came with the page. */
  initial: Comparison | null;
}

interface Dated {
  comparison: Comparison;
  dates: DateRange;
}

export interface Layers {
  /** What to draw now: while other symbols load, still the ones before. Null before the first answer. */
  layer: Layer | null;
  loading: Loaded<Dated>;
}

/** The comparison at the chosen dates, and finer or wider ones as the view asks for them. */
export function useLayers(wanted: Wanted, sessions: SessionTable, store: ChartStore): Layers {
  const { dates, initial } = wanted;
  const loading = useComparison(wanted, dates, initial && { comparison: initial, dates });
  const main = useLayer(loading.data, sessions);
  // While the chosen dates load, the view is already theirs: what it lacks is on its way.
  const isCurrent = !loading.isLoading && !loading.error;
  const detail = useDetail(wanted, isCurrent, main, sessions, store);
  const layers = useMemo(() => [main, detail].filter((layer) => layer !== null), [main, detail]);
  const layer = useSyncExternalStore(store.subscribe, () => pickLayer(layers, store.view()) ?? null);
  return { layer, loading };
}

/** A second layer of the same symbols and adjustment, loaded when neither it nor the first suffices for the view. */
function useDetail(
  wanted: Wanted,
  isCurrent: boolean,
  main: Layer | null,
  sessions: SessionTable,
  store: ChartStore,
): Layer | null {
  const view = useSettledView(store);
  const [held, setHeld] = useState<Dated | null>(null);
  const any = useLayer(held, sessions);
  const detail = any && main && subjectOf(any.comparison) === subjectOf(main.comparison) ? any : null;
  const isEnough = [main, detail].some((layer) => layer !== null && suffices(layer, view));
  const around = viewOfDates(sessions, wanted.whole);
  const needed = isCurrent && !isEnough && around ? detailDates(view, sessions, around) : null;
  const { data } = useComparison(wanted, needed);
  if (data !== null && data !== held) setHeld(data);
  return detail;
}

function subjectOf({ symbols, provenance }: Comparison): string {
  return `${symbols.join(',')} ${provenance.adjustment}`;
}

function useComparison(
  { api, symbols, adjustment }: Wanted,
  dates: DateRange | null,
  initial: Dated | null = null,
): Loaded<Dated> {
  const names = symbols.join(',');
  return useLoad<Dated>(
    dates && `${names} ${adjustment} ${dates.from} ${dates.to}`,
    async (signal) => {
      const asked = dates ?? { from: '', to: '' };
      const query = { symbols: names, ...asked, adjustment };
      const comparison = await get<Comparison>(`${api}compare/`, query, signal);
      return { comparison, dates: asked };
    },
    initial,
  );
}

function useLayer(data: Dated | null, sessions: SessionTable): Layer | null {
  return useMemo(() => data && layerOf(data.comparison, data.dates, sessions), [data, sessions]);
}
