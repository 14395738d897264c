import type { BarTable } from './bar-table';
import type { EventMark } from './events';
import type { ColorToken } from './palette';
import type { SessionTable } from './sessions';

/** How one column of the table is drawn. */
export interface SeriesStyle {
  label: string;
  /** Place of its column in the table. */
  column: number;
  color: ColorToken;
  dash: readonly number[];
  width: number;
  /** `second` has its own scale, right of the first. */
  scale: 'first' | 'second';
  endLabel: boolean;
  /** Radius of a dot on every bar; 0 for none. */
  dots: number;
}

/** Bars from a low to a high column behind the lines. */
export interface RangeStyle {
  low: number;
  high: number;
  color: ColorToken;
}

/** What percent is counted from instead of the first visible minute. */
export interface Pin {
  ordinal: number;
  /** One value for each column of the table. */
  values: readonly number[];
}

/** Everything a chart shows, apart from where it looks (that is in its ChartStore). */
export interface Scene {
  table: BarTable;
  sessions: SessionTable;
  series: readonly SeriesStyle[];
  mode: 'percent' | 'price';
  pin: Pin | null;
  range: RangeStyle | null;
  /** Splits and dividends, ascending. */
  marks: readonly EventMark[];
  /** What the canvas says to those who cannot see it. */
  summary: string;
}

/** Every series has its own dash pattern, so that colour is never the only cue. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [9, 2.5],
  [2, 2.5],
  [11, 3, 2, 3],
  [4, 2, 1, 2],
  [1, 3],
];

/** The look of the n-th compared symbol (from 0). */
export function symbolStyle(place: number): Pick<SeriesStyle, 'color' | 'dash'> {
  const tokens: ColorToken[] = ['series-1', 'series-2', 'series-3', 'series-4', 'series-5', 'series-6'];
  return { color: tokens[place % tokens.length]!, dash: DASHES[place % DASHES.length]! };
}
