import { useCallback, useEffect, useMemo, useState } from 'react';
import { get } from '../../api/client';
import type { Tile, TileReference } from '../../api/types';
import type { BarTable } from '../../shared/chart/bar-table';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useSettledView } from '../../shared/chart/use-chart';
import { decodeTile, joinMonths, tilesInView, type Month } from './tiles';

const AT_ONCE = 4;

interface Tiles {
  table: BarTable;
  synthetic: boolean;
  error: Error | null;
  isLoading: boolean;
  retry: () => void;
}

/** The months that the view touches, each fetched once; those at hand are drawn while the others are on their way. */
export function useTiles(
  references: readonly TileReference[],
  sessions: SessionTable,
  store: ChartStore,
): Tiles {
  const view = useSettledView(store);
  const [months, setMonths] = useState<ReadonlyMap<string, Month>>(new Map());
  const [error, setError] = useState<Error | null>(null);
  const wanted = useMemo(() => tilesInView(references, view, sessions), [references, view, sessions]);
  const missing = error ? '' : wanted.flatMap(({ url }) => (months.has(url) ? [] : [url])).join(' ');

  useEffect(() => {
    if (!missing) return;
    const abort = new AbortController();
    loadNewestFirst(missing.split(' '), abort.signal).then(
      (loaded) => setMonths((before) => new Map([...before, ...loaded])),
      (failure: unknown) => {
        if (!abort.signal.aborted) setError(failure instanceof Error ? failure : new Error(String(failure)));
      },
    );
    return () => abort.abort();
  }, [missing]);

  const at = wanted.flatMap(({ url }) => months.get(url) ?? []);
  const key = wanted.map(({ url }) => (months.has(url) ? url : '')).join(' ');
  // The months at hand are those that the key names.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const table = useMemo(() => joinMonths(at, sessions), [key, sessions]);
  const retry = useCallback(() => setError(null), []);
  return { table, synthetic: at.some((month) => month.synthetic), error, isLoading: missing !== '', retry };
}

/** The next few tiles, newest first; the rest follow once these are there. */
async function loadNewestFirst(urls: readonly string[], signal: AbortSignal): Promise<[string, Month][]> {
  const next = urls.slice(-AT_ONCE);
  return Promise.all(
    next.map(async (url) => [url, decodeTile(await get<Tile>(url, {}, signal))] as [string, Month]),
  );
}
