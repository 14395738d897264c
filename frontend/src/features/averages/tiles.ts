import type { Tile, TileReference } from '../../api/types';
import { barTable, type BarTable } from '../../shared/chart/bar-table';
import { decodeColumn } from '../../shared/chart/columns';
import type { SessionTable } from '../../shared/chart/sessions';
import type { View } from '../../shared/chart/view';
import { AVERAGES } from './names';

/** Months of minutes drawn at most at once; a longer view shows the newest of its months. */
export const MOST_MONTHS = 24;

const COLUMNS = ['close', ...AVERAGES.map(({ name }) => name)];

/** One month of a symbol, decoded. */
export interface Month {
  starts: Float64Array;
  /** The close, then the averages in the order of AVERAGES; NaN while an average warms up. */
  columns: Float64Array[];
  synthetic: boolean;
}

export function decodeTile({ rows, columns, provenance }: Tile): Month {
  const decoded = (name: string): Float64Array => {
    const column = columns[name];
    if (!column) throw new Error(`The tile has no column ${name}.`);
    return decodeColumn(column, rows);
  };
  return { starts: decoded('bar_start'), columns: COLUMNS.map(decoded), synthetic: provenance.synthetic };
}

/** The tiles whose months a view touches, oldest first. */
export function tilesInView(
  tiles: readonly TileReference[],
  view: View,
  sessions: SessionTable,
): TileReference[] {
  const from = sessions.sessionAt(view.min)?.session.slice(0, 7) ?? '';
  const to = sessions.sessionAt(view.max)?.session.slice(0, 7) ?? '';
  return tiles.filter(({ month }) => month >= from && month <= to).slice(-MOST_MONTHS);
}

/** Months in the order of time as one table. */
export function joinMonths(months: readonly Month[], sessions: SessionTable): BarTable {
  const starts = concat(months.map((month) => month.starts));
  const columns = COLUMNS.map((_, place) =>
    concat(months.map((month) => month.columns[place] ?? new Float64Array())),
  );
  return barTable(starts, columns, 1, sessions);
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
