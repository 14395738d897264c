import type { BarTable } from '../../shared/chart/bar-table';
import type { EventMark } from '../../shared/chart/events';
import { symbolStyle, type Pin, type Scene } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import type { Mode } from '../../shared/page/boot';

/** Two prices further apart than this share no scale without flattening both lines. */
const WIDEST_SHARED_RATIO = 1.3;

interface Compared {
  table: BarTable;
  sessions: SessionTable;
  symbols: readonly string[];
  hidden: ReadonlySet<string>;
  mode: Mode;
  pin: Pin | null;
  marks: readonly EventMark[];
  summary: string;
}

export function compareScene(compared: Compared): Scene {
  const { table, sessions, symbols, hidden, mode, pin, marks, summary } = compared;
  const shown = symbols.flatMap((symbol, column) => (hidden.has(symbol) ? [] : [{ symbol, column }]));
  const double =
    mode === 'price' && shown.length === 2 && areFarApart(shown.map(({ column }) => table.columns[column]));
  return {
    table,
    sessions,
    mode: mode === 'pct' ? 'percent' : 'price',
    pin: mode === 'pct' ? pin : null,
    range: null,
    marks: marks.filter(({ event }) => !hidden.has(event.symbol)),
    summary,
    series: shown.map(({ symbol, column }, place) => ({
      ...symbolStyle(column),
      label: symbol,
      column,
      width: 1.75,
      scale: double && place === 1 ? 'second' : 'first',
      endLabel: true,
      dots: 0,
    })),
  };
}

function areFarApart(columns: readonly (Float64Array | undefined)[]): boolean {
  const [one = NaN, other = NaN] = columns.map((column) => column?.[Math.floor(column.length / 2)] ?? NaN);
  return Math.max(one / other, other / one) > WIDEST_SHARED_RATIO;
}
