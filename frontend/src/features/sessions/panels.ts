import type { BarTable } from '../../shared/chart/bar-table';
import { eventsSentence, type EventMark } from '../../shared/chart/events';
import { symbolStyle, type Scene, type SeriesStyle } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import { longDate } from '../../shared/text/dates';
import { price } from '../../shared/text/numbers';
import type { Aggregate, Grain } from '../../shared/page/load-aggregates';

/** Columns of a panel's table. */
export const MEAN = 0;
export const VWAP = 1;
export const LOW = 2;
export const HIGH = 3;

const MOST_DOTS = 130;

/** One symbol's averages, a row per session or hour, drawn in the middle of the minutes that they are over. */
export function aggregateTable(rows: readonly Aggregate[], grain: Grain, sessions: SessionTable): BarTable {
  const placed = rows.flatMap((row) => {
    const minutes = minutesOf(row, grain, sessions);
    const ordinal = minutes && sessions.ordinalOf(minutes.start);
    return minutes && ordinal !== null
      ? [{ row, ...minutes, ordinal: ordinal + (minutes.end - minutes.start) / 2 }]
      : [];
  });
  const column = (value: (row: Aggregate) => number | null): Float64Array =>
    Float64Array.from(placed, ({ row }) => value(row) ?? NaN);
  return {
    step: grain === 'daily' ? 390 : 60,
    starts: Float64Array.from(placed, ({ start }) => start),
    ends: Float64Array.from(placed, ({ end }) => end),
    ordinals: Float64Array.from(placed, ({ ordinal }) => ordinal),
    columns: [
      column((row) => row.mean_close),
      column((row) => row.vwap_close),
      column((row) => row.low),
      column((row) => row.high),
    ],
  };
}

/** The regular minutes that a row is over: its session, or the part of its session in its clock hour. */
function minutesOf(
  row: Aggregate,
  grain: Grain,
  sessions: SessionTable,
): { start: number; end: number } | null {
  const session = sessions.onOrAfter(row.session);
  if (session?.session !== row.session) return null;
  const close = session.open + session.minutes;
  if (grain === 'daily' || !('hour_start' in row)) return { start: session.open, end: close };
  const hour = Date.parse(row.hour_start) / 60_000;
  return { start: Math.max(hour, session.open), end: Math.min(hour + 60, close) };
}

export function panelScene(
  table: BarTable,
  symbols: readonly string[],
  place: number,
  sessions: SessionTable,
  grain: Grain,
  marks: readonly EventMark[],
): Scene {
  const own = marks.filter(({ event }) => event.symbol === symbols[place]);
  const { color } = symbolStyle(place);
  const isSparse = table.ordinals.length <= MOST_DOTS;
  const line: Omit<SeriesStyle, 'label' | 'column'> = {
    color,
    dash: [],
    width: 1.75,
    scale: 'first',
    endLabel: true,
    dots: 0,
  };
  return {
    table,
    sessions,
    mode: 'price',
    pin: null,
    range: { low: LOW, high: HIGH, color },
    marks: own,
    series: [
      { ...line, label: 'VWAP', column: VWAP, color: 'muted', dash: [3, 3], width: 1.5 },
      { ...line, label: 'Mean', column: MEAN, dots: isSparse ? 3 : 0 },
    ],
    summary: summaryOf(table, chartName(symbols, place, grain), sessions, own),
  };
}

function chartName(symbols: readonly string[], place: number, grain: Grain): string {
  const many = symbols.length > 1 ? ` (one of ${symbols.length} charts: ${symbols.join(', ')})` : '';
  return `Chart of ${grain} averages of ${symbols[place] ?? ''}${many}`;
}

function summaryOf(
  table: BarTable,
  name: string,
  sessions: SessionTable,
  marks: readonly EventMark[],
): string {
  const last = table.ordinals.length - 1;
  const first = sessions.sessionAt(table.ordinals[0] ?? NaN);
  const newest = sessions.sessionAt(table.ordinals[last] ?? NaN);
  if (last < 0 || !first || !newest) return `${name}: no rows in this range.`;
  const span = `${longDate(first.session, true)} to ${longDate(newest.session, true)}`;
  const value = price(table.columns[MEAN]?.[last] ?? NaN);
  return `${name}, ${span}; the last mean close is ${value}. Arrow keys read it row by row.${eventsSentence(marks, { from: first.session, to: newest.session })}`;
}

/** A row in words. */
export function describeAggregate(table: BarTable, row: number): string {
  const value = (column: number): string => price(table.columns[column]?.[row] ?? NaN);
  return `mean ${value(MEAN)}, VWAP ${value(VWAP)}, low ${value(LOW)}, high ${value(HIGH)}`;
}
