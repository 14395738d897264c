import { rowsWithin, type BarTable } from './bar-table';
import { firstAtOrAfter } from './search';

/** The first row at or after `ordinal` in which every series has a value; −1 when there is none. */
export function baseRow(table: BarTable, ordinal: number): number {
  const { ordinals, columns } = table;
  for (let row = firstAtOrAfter(ordinals, ordinal); row < ordinals.length; row++) {
    if (columns.every((column) => Number.isFinite(column[row]))) return row;
  }
  return -1;
}

/** Each series' value in the base row; NaN without one. */
export function baseValues(table: BarTable, row: number): number[] {
  return table.columns.map((column) => column[row] ?? NaN);
}

/** A value's cumulative return from its base: a fraction. */
export function cumulativeReturn(value: number, base: number): number {
  return value / base - 1;
}

/** The last row within [min, max] in which the series has a value; −1 when there is none. */
export function lastRowWithin(table: BarTable, series: number, min: number, max: number): number {
  const [from, to] = rowsWithin(table, min, max);
  const column = table.columns[series];
  for (let row = to - 1; row >= from; row--) if (Number.isFinite(column?.[row])) return row;
  return -1;
}
