import { get } from '../../api/client';
import type { Adjustment, DailyPage, HourlyPage } from '../../api/types';
import type { DateRange } from './boot';

export type Grain = 'daily' | 'hourly';
export type AggregatePage = DailyPage | HourlyPage;
export type Aggregate = AggregatePage['results'][number];

const PAGE_SIZE = 1000;

export interface Aggregates {
  /** Oldest first. */
  rows: Aggregate[];
  synthetic: boolean;
}

/** Turn the API's pages, newest first, into rows. */
export function aggregatesOf(pages: readonly AggregatePage[]): Aggregates {
  const rows = pages.flatMap(({ results }): Aggregate[] => results).reverse();
  return { rows, synthetic: pages.some(({ provenance }) => provenance.synthetic) };
}

/** Every row of a range, page after page. */
export async function loadAggregates(
  api: string,
  grain: Grain,
  symbols: readonly string[],
  dates: DateRange,
  adjustment: Adjustment,
  signal: AbortSignal,
): Promise<Aggregates> {
  const pages: AggregatePage[] = [];
  for (let rows = 0; ;) {
    const rowsOf = { symbols: symbols.join(','), ...dates, adjustment };
    const query = { ...rowsOf, page: pages.length + 1, page_size: PAGE_SIZE };
    const page = await get<AggregatePage>(`${api}${grain}/`, query, signal);
    pages.push(page);
    rows += page.results.length;
    if (rows >= page.count || page.results.length === 0) return aggregatesOf(pages);
  }
}
