/** Shapes of the API's answers. */

export interface Provenance {
  provider: string;
  synthetic: boolean;
  phases: string[];
  adjustment: string;
  tables: Record<string, number>;
  fetched_at: string | null;
  processed_at: string | null;
  quarantined_bars?: number;
}

export interface Column {
  scale: number;
  deltas: number[];
  nulls?: number[][];
}

export type Timeframe = '1min' | '5min' | '15min' | '1hour' | '1day';

export interface Comparison {
  symbols: string[];
  timeframe: Timeframe;
  base: { bar_start: string; session: string };
  last: { bar_start: string; session: string };
  matched_minutes: number;
  missing_minutes: Record<string, number>;
  rows: number;
  columns: Record<string, Column>;
  series: { symbol: string; first_close: number; last_close: number; cumulative_return: number }[];
  provenance: Provenance;
}

export interface Sessions {
  rows: [string, number, number, number][];
}

export interface SymbolEntry {
  symbol: string;
  provider: string;
  synthetic: boolean;
  first_session: string;
  last_session: string;
  bar_count: number;
  last_bar_start: string;
}

export interface TileReference {
  month: string;
  version: string;
  rows: number;
  closed: boolean;
  url: string;
}

export interface SymbolDetail extends SymbolEntry {
  tiles: { bars: TileReference[]; moving_averages: TileReference[] };
}

export interface Tile {
  rows: number;
  columns: Record<string, Column>;
  provenance: Provenance;
}

export interface Aggregate {
  symbol: string;
  session: string;
  high: number;
  low: number;
  mean_close: number;
  vwap_close: number | null;
  hour_start?: string;
}

export interface AggregatePage {
  count: number;
  next: string | null;
  results: Aggregate[];
  provenance: Provenance;
}
