import { clock, longDate } from '../text/dates';
import { rowsWithin, type BarTable } from './bar-table';
import { nearest } from './search';
import type { SessionTable } from './sessions';
import type { View } from './view';

const TRADING_DAY = 390;

/** The row to read: the one at the cursor, or without a cursor the last one in view. −1 when there is none. */
export function readoutRow(table: BarTable, cursor: number | null, view: View): number {
  if (cursor !== null) return nearest(table.ordinals, cursor);
  const [from, to] = rowsWithin(table, view.min, view.max);
  return to > from ? to - 1 : -1;
}

/** "Wed 4 Nov, 10:22 ET", with the end of the bar when it is longer than a minute; a day is its date alone. */
export function barTime(table: BarTable, row: number, sessions: SessionTable, withYear = false): string {
  const ordinal = table.ordinals[row];
  const session = ordinal === undefined ? undefined : sessions.sessionAt(ordinal);
  if (!session) return '';
  const date = longDate(session.session, withYear);
  if (table.step >= TRADING_DAY) return date;
  const clockOf = (minute: number): string => clock(sessions.openClock(session) + minute - session.open);
  const [start, end] = [table.starts[row]!, table.ends[row]!];
  return end - start <= 1 ? `${date}, ${clockOf(start)} ET` : `${date}, ${clockOf(start)}–${clockOf(end)} ET`;
}
