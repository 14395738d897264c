import type { Adjustment, Sessions } from '../../api/types';
import type { PriceEvent } from '../chart/events';

export type RangeName = '1D' | '5D' | '1M' | '6M' | 'YTD' | '1Y' | 'MAX';

/** Sessions `from` and `to`, both included. */
export interface DateRange {
  from: string;
  to: string;
}

export interface NamedRange extends DateRange {
  name: RangeName;
  /** Whether the data reach back to its start. */
  available: boolean;
}

/** What every chart page is handed by the server. A null is data that did not fit: the API has it. */
export interface Boot {
  page: string;
  symbols: string[];
  mode: Mode;
  adjustment: Adjustment;
  /** The risk-free rate in percent a year that the page of statistics counts with. */
  rate: string;
  /** Splits, and dividends where the adjustment counts them, within the data of these symbols. */
  events: PriceEvent[] | null;
  /** Whether this person may take the rows away as a file. */
  may_export: boolean;
  range: DateRange & { name: RangeName | '' };
  ranges: NamedRange[];
  api: string;
  sessions: Sessions | null;
}

export type Mode = 'pct' | 'price';

/** The page's boot data. Throws when the page has none, since nothing can be drawn without it. */
export function readBoot(): unknown {
  const text = document.getElementById('boot')?.textContent;
  if (!text) throw new Error('This page has no boot data. Reload it.');
  return JSON.parse(text);
}
