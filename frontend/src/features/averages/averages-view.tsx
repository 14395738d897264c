import { useMemo, type JSX } from 'react';
import type { SymbolDetail } from '../../api/types';
import type { BarTable } from '../../shared/chart/bar-table';
import { ChartPanel } from '../../shared/chart/chart-panel';
import { eventsSentence, type EventMark } from '../../shared/chart/events';
import { barTime, readoutRow } from '../../shared/chart/readout';
import { symbolStyle, type Scene } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useCursor, useView } from '../../shared/chart/use-chart';
import type { DateRange } from '../../shared/page/boot';
import { Failure } from '../../shared/page/failure';
import { SymbolMark } from '../../shared/page/symbol-mark';
import { Term } from '../../shared/page/term';
import { ViewFacts } from '../../shared/page/view-facts';
import { direction, percent, price } from '../../shared/text/numbers';
import { AVERAGES, type AverageName, type AverageStyle } from './names';
import { useTiles } from './use-tiles';

interface AveragesViewProps {
  symbol: SymbolDetail;
  shown: ReadonlySet<AverageName>;
  sessions: SessionTable;
  store: ChartStore;
  marks: readonly EventMark[];
  dates: DateRange;
  /** Where the rows are as a file, or null for who may not have it. */
  csv: string | null;
}

interface Line extends AverageStyle {
  column: number;
}

export function AveragesView({
  symbol: { symbol, tiles },
  shown,
  sessions,
  store,
  marks,
  dates,
  csv,
}: AveragesViewProps): JSX.Element {
  const { table, synthetic, error, isLoading, retry } = useTiles(tiles.moving_averages, sessions, store);
  const lines = useMemo(
    () =>
      AVERAGES.map((average, place) => ({ ...average, column: place + 1 })).filter(({ name }) =>
        shown.has(name),
      ),
    [shown],
  );
  const scene = useMemo(
    () => averagesScene(table, symbol, lines, sessions, marks, dates),
    [table, symbol, lines, sessions, marks, dates],
  );
  const describeRow = (row: number): string =>
    [
      `${symbol} ${value(table, 0, row)}`,
      ...lines.map((line) => `${line.label} ${value(table, line.column, row)}`),
    ].join(', ');
  return (
    <>
      {error && <Failure error={error} retry={retry} />}
      <div className="instrument" aria-busy={isLoading}>
        <div className="instrument__chart">
          <ChartPanel scene={scene} store={store} describeRow={describeRow} />
          {synthetic && <span className="tag tag--synthetic chart-tag">synthetic market</span>}
        </div>
        <aside className="rail" aria-label="Readout">
          <AveragesReadout table={table} symbol={symbol} lines={lines} sessions={sessions} store={store} />
          <ViewFacts table={table} sessions={sessions} store={store} />
          {csv && (
            <div className="rail__actions">
              <a className="button button--quiet" href={csv} download>
                CSV
              </a>
            </div>
          )}
        </aside>
      </div>
    </>
  );
}

function value(table: BarTable, column: number, row: number): string {
  return price(table.columns[column]?.[row] ?? NaN);
}

function averagesScene(
  table: BarTable,
  symbol: string,
  lines: readonly Line[],
  sessions: SessionTable,
  marks: readonly EventMark[],
  dates: DateRange,
): Scene {
  const common = { scale: 'first', endLabel: true, dots: 0 } as const;
  const names = lines.map(({ label }) => label).join(', ');
  return {
    table,
    sessions,
    mode: 'price',
    pin: null,
    range: null,
    marks,
    summary: `Chart of the close of ${symbol}${names ? ` with ${names}` : ''}. Arrow keys read it bar by bar; plus and minus zoom; 0 resets.${eventsSentence(marks, dates)}`,
    series: [
      { ...symbolStyle(0), ...common, label: symbol, column: 0, width: 1 },
      ...lines.map(({ label, column, color, dash }) => ({
        ...common,
        label,
        column,
        color,
        dash,
        width: 1.5,
      })),
    ],
  };
}

interface ReadoutProps {
  table: BarTable;
  symbol: string;
  lines: readonly Line[];
  sessions: SessionTable;
  store: ChartStore;
}

/** The close, each average, and how far the close is from it. */
function AveragesReadout({ table, symbol, lines, sessions, store }: ReadoutProps): JSX.Element {
  const cursor = useCursor(store);
  const view = useView(store);
  const row = readoutRow(table, cursor, view);
  const close = table.columns[0]?.[row] ?? NaN;
  return (
    <div className="readout">
      <p className="readout__time">{row < 0 ? 'No bar here' : barTime(table, row, sessions)}</p>
      <table className="readout__table">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Line</span>
            </th>
            <th scope="col">Price</th>
            <th scope="col">Close is</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">
              <SymbolMark place={0} />
              {symbol}
            </th>
            <td>{price(close)}</td>
            <td />
          </tr>
          {lines.map(({ name, label, color, dash, column }) => {
            const distance = close / (table.columns[column]?.[row] ?? NaN) - 1;
            return (
              <tr key={name}>
                <th scope="row">
                  <SymbolMark token={color} dash={dash} />
                  <Term of={`moving_averages-${name}`}>{label}</Term>
                </th>
                <td>{value(table, column, row)}</td>
                <td>
                  <span className="change" data-direction={direction(distance)}>
                    {percent(distance)}
                  </span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
