import { useMemo, useState, useSyncExternalStore } from 'react';
import { get } from '../../api/client';
import type { Comparison } from '../../api/types';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useSettledView } from '../../shared/chart/use-chart';
import type { DateRange } from '../../shared/page/boot';
import { useLoad, type Loaded } from '../../shared/page/use-load';
import { detailDates, layerOf, pickLayer, suffices, viewOfDates, type Layer } from './layers';

interface Wanted {
  api: string;
  symbols: readonly string[];
  dates: DateRange;
  /** All the dates that there is data of. */
  whole: DateRange;
  /** The comparison of these dates that came with the page. */
  initial: Comparison | null;
}

interface Dated {
  comparison: Comparison;
  dates: DateRange;
}

export interface Layers {
  /** What to draw now; null before the first answer. */
  layer: Layer | null;
  /** The layer of the chosen dates, whatever the view. */
  main: Layer | null;
  loading: Loaded<Dated>;
}

/** The comparison at the chosen dates, and finer or wider ones as the view asks for them. */
export function useLayers(wanted: Wanted, sessions: SessionTable | null, store: ChartStore): Layers {
  const { symbols, dates, initial } = wanted;
  const loading = useComparison(wanted, dates, initial && { comparison: initial, dates });
  const main = useLayer(loading.data, sessions, symbols);
  const detail = useDetail(wanted, main, sessions, store);
  const layers = useMemo(() => [main, detail].filter((layer) => layer !== null), [main, detail]);
  const layer = useSyncExternalStore(store.subscribe, () => pickLayer(layers, store.view()) ?? null);
  return { layer, main, loading };
}

/** A second layer, loaded when neither it nor the first suffices for the view. */
function useDetail(
  wanted: Wanted,
  main: Layer | null,
  sessions: SessionTable | null,
  store: ChartStore,
): Layer | null {
  const view = useSettledView(store);
  const [held, setHeld] = useState<Dated | null>(null);
  const detail = useLayer(held, sessions, wanted.symbols);
  const around = sessions && viewOfDates(sessions, wanted.whole);
  const isNeeded = main !== null && ![main, detail].some((layer) => layer !== null && suffices(layer, view));
  const needed = isNeeded && sessions && around ? detailDates(view, sessions, around) : null;
  const { data } = useComparison(wanted, needed);
  if (data !== null && data !== held) setHeld(data);
  return detail;
}

function useComparison(
  { api, symbols }: Wanted,
  dates: DateRange | null,
  initial: Dated | null = null,
): Loaded<Dated> {
  const names = symbols.join(',');
  return useLoad<Dated>(
    dates && `${names} ${dates.from} ${dates.to}`,
    async (signal) => {
      const asked = dates ?? { from: '', to: '' };
      const comparison = await get<Comparison>(`${api}compare/`, { symbols: names, ...asked }, signal);
      return { comparison, dates: asked };
    },
    initial,
  );
}

/** The layer of an answer; null while it is missing or still that of other symbols. */
function useLayer(
  data: Dated | null,
  sessions: SessionTable | null,
  symbols: readonly string[],
): Layer | null {
  const wanted = symbols.join(',');
  return useMemo(() => {
    if (!data || !sessions || data.comparison.symbols.join(',') !== wanted) return null;
    return layerOf(data.comparison, data.dates, sessions);
  }, [data, sessions, wanted]);
}
