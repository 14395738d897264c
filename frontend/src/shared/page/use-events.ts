import { useMemo } from 'react';
import { get } from '../../api/client';
import type { ActionsPage } from '../../api/types';
import type { PriceEvent } from '../chart/events';
import { markedEvents } from './adjustment';
import type { Boot } from './boot';
import type { PageState } from './page-state';
import { useLoad, type Loaded } from './use-load';

const PAGE_SIZE = 1000;

/** The splits and dividends of a page's symbols that its chart marks: with the page, or from the API. */
export function useEvents(boot: Boot, { symbols, adjustment }: PageState): Loaded<PriceEvent[]> {
  const names = symbols.join(',');
  // The page brings dividends only where they count, so an answer belongs to its adjustment, too.
  const kinds = adjustment === 'all' ? 'all' : 'split';
  const loading = useLoad<PriceEvent[]>(
    `${names} ${kinds}`,
    async (signal) => {
      const query = { symbols: names, page_size: PAGE_SIZE };
      const { results } = await get<ActionsPage>(`${boot.api}actions/`, query, signal);
      return results.map((action) => ({ ...action, value: action.value ?? NaN }));
    },
    boot.events,
  );
  const events = useMemo(() => markedEvents(loading.data ?? [], adjustment), [loading.data, adjustment]);
  const own = useMemo(() => events.filter(({ symbol }) => symbols.includes(symbol)), [events, symbols]);
  return { ...loading, data: own };
}
