import type { Comparison, Timeframe } from '../../api/types';
import { barTable, type BarTable } from '../../shared/chart/bar-table';
import { decodeColumn } from '../../shared/chart/columns';
import { viewOfDates, type SessionTable } from '../../shared/chart/sessions';
import type { View } from '../../shared/chart/view';
import type { DateRange } from '../../shared/page/boot';

/** Rows that one answer of the API may hold. */
export const MAX_ROWS = 12_000;
/** A chart wider than this in pixels gains nothing from more bars. */
const PLENTY_OF_BARS = 1000;

/** What rounding a view to whole sessions may add on each side. */
const SESSION_ROUNDING = 780;

const STEPS: Record<Timeframe, number> = { '1min': 1, '5min': 5, '15min': 15, '1hour': 60, '1day': 390 };

/** One answer of the comparison, ready to draw, and the part of the axis that it speaks for. */
export interface Layer {
  comparison: Comparison;
  table: BarTable;
  coverage: View;
}

export function layerOf(comparison: Comparison, dates: DateRange, sessions: SessionTable): Layer | null {
  const coverage = viewOfDates(sessions, dates);
  if (!coverage) return null;
  const { columns, rows, symbols, timeframe, base, series } = comparison;
  const starts = decodeColumn(columns['bar_start']!, rows);
  const closes = symbols.map((symbol) => decodeColumn(columns[symbol]!, rows));
  const table = barTable(starts, closes, STEPS[timeframe], sessions);
  const baseMinute = Date.parse(base.bar_start) / 60_000;
  const first = symbols.map((symbol) => series.find((each) => each.symbol === symbol)?.first_close ?? NaN);
  return { comparison, coverage, table: withBase(table, baseMinute, first, sessions) };
}

/**
 * Put the base minute in front of bars that are longer than a minute: their first close comes later than the close
 * that the comparison counts from.
 */
function withBase(
  table: BarTable,
  minute: number,
  closes: readonly number[],
  sessions: SessionTable,
): BarTable {
  const ordinal = sessions.ordinalOf(minute);
  if (table.step === 1 || ordinal === null || ordinal >= (table.ordinals[0] ?? -Infinity)) return table;
  return {
    step: table.step,
    starts: Float64Array.of(minute, ...table.starts),
    ends: Float64Array.of(minute + 1, ...table.ends),
    ordinals: Float64Array.of(ordinal, ...table.ordinals),
    columns: table.columns.map((column, place) => Float64Array.of(closes[place] ?? NaN, ...column)),
  };
}

/** The finest layer that covers the view; when none does, the one that reaches furthest into it. */
export function pickLayer(layers: readonly Layer[], view: View): Layer | undefined {
  const [best] = [...layers].sort(
    (left, right) =>
      Math.round(shared(right, view) - shared(left, view)) || left.table.step - right.table.step,
  );
  return best;
}

/** How many ordinals of the view a layer covers. */
function shared({ coverage }: Layer, view: View): number {
  return Math.min(coverage.max, view.max) - Math.max(coverage.min, view.min);
}

/** Whether a layer shows all of a view in bars as fine as the chart can use. */
export function suffices(layer: Layer, view: View): boolean {
  const span = view.max - view.min;
  if (shared(layer, view) < span - 1) return false;
  return layer.table.step === 1 || (span / layer.table.step >= PLENTY_OF_BARS && span > MAX_ROWS);
}

/** The dates to ask for to see a view in finer bars: a short one is widened, so that panning finds its bars there. */
export function detailDates(view: View, sessions: SessionTable, whole: View): DateRange | null {
  const span = view.max - view.min;
  const margin = Math.min(span, Math.max(0, (MAX_ROWS - span) / 2 - SESSION_ROUNDING));
  const from = sessions.sessionAt(Math.max(view.min - margin, whole.min));
  const to = sessions.sessionAt(Math.min(view.max + margin, whole.max));
  return from && to ? { from: from.session, to: to.session } : null;
}
