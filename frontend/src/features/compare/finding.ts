import { rowsWithin, type BarTable } from '../../shared/chart/bar-table';
import { baseOf } from '../../shared/chart/frame';
import { cumulativeReturn, lastRowWithin } from '../../shared/chart/rebase';
import type { Pin } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import type { View } from '../../shared/chart/view';
import { sessionDate, shortDate } from '../../shared/text/dates';
import { count, percent } from '../../shared/text/numbers';

/** A symbol's change over what is shown: a fraction, NaN without data. */
export interface Change {
  symbol: string;
  value: number;
}

/** Each symbol's change from the base to its last bar in view. */
export function changesIn(
  table: BarTable,
  symbols: readonly string[],
  view: View,
  pin: Pin | null,
): Change[] {
  const base = baseOf(table, view, pin);
  return symbols.map((symbol, place) => {
    const row = lastRowWithin(table, place, view.min, view.max);
    const last = table.columns[place]?.[row] ?? NaN;
    return { symbol, value: cumulativeReturn(last, base?.values[place] ?? NaN) };
  });
}

/** Bars in view when each is a minute; null when they are longer, since only the server counts minutes then. */
export function minutesIn(table: BarTable, view: View): number | null {
  if (table.step !== 1) return null;
  const [from, to] = rowsWithin(table, view.min, view.max);
  return to - from;
}

/** "24 Oct", with the year when it is not the year of `today`. */
export function sinceDate(sessions: SessionTable, ordinal: number, today: string): string {
  const session = sessions.sessionAt(ordinal)?.session ?? today;
  return shortDate(session, sessionDate(session).year !== sessionDate(today).year);
}

/** Who leads, by how much, since when, over how many minutes: the server's sentence for the view of the moment. */
export function findingSentence(changes: readonly Change[], since: string, minutes: number | null): string {
  const ranked = changes.filter(({ value }) => Number.isFinite(value)).sort((a, b) => b.value - a.value);
  const [first, ...others] = ranked;
  const second = others[0];
  if (!first || !second) return 'There is nothing to compare in this view.';
  const lead = ((first.value - second.value) * 100).toFixed(1);
  const over = minutes === null ? '' : `, ${count(minutes)} minutes`;
  const facts = `(${percent(first.value, 1)} against ${against(others)}${over})`;
  return lead === '0.0'
    ? `${first.symbol} and ${second.symbol} are level since ${since} ${facts}`
    : `${first.symbol} leads by ${lead} points since ${since} ${facts}`;
}

function against(others: readonly Change[]): string {
  const [only] = others;
  if (others.length === 1 && only) return percent(only.value, 1);
  return others.map(({ symbol, value }) => `${symbol} ${percent(value, 1)}`).join(', ');
}

/** What the canvas says to those who cannot see it. */
export function summaryOf(changes: readonly Change[], from: string, to: string): string {
  const said = changes.map(({ symbol, value }) => `${symbol} ${percent(value, 1)}`).join(', ');
  return `Chart of ${said}, ${from} to ${to}. Arrow keys read it bar by bar; plus and minus zoom; 0 resets.`;
}
