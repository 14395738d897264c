import { useMemo, type JSX } from 'react';
import type { BarTable } from '../../shared/chart/bar-table';
import { ChartPanel } from '../../shared/chart/chart-panel';
import type { EventMark } from '../../shared/chart/events';
import { barTime, readoutRow } from '../../shared/chart/readout';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useCursor, useView } from '../../shared/chart/use-chart';
import type { Aggregate, Grain } from '../../shared/page/load-aggregates';
import { SymbolMark } from '../../shared/page/symbol-mark';
import { price } from '../../shared/text/numbers';
import { HIGH, LOW, MEAN, VWAP, aggregateTable, describeAggregate, panelScene } from './panels';

interface PanelProps {
  symbols: readonly string[];
  /** Which of the symbols this panel shows. */
  place: number;
  /** Rows of all symbols. */
  rows: readonly Aggregate[];
  grain: Grain;
  sessions: SessionTable;
  store: ChartStore;
  marks: readonly EventMark[];
  isSynthetic: boolean;
  onRemove: (() => void) | null;
}

/** One symbol: a legend that reads the crosshair, and its chart. All panels of a page move together. */
export function Panel({
  symbols,
  place,
  rows: all,
  grain,
  sessions,
  store,
  marks,
  isSynthetic,
  onRemove,
}: PanelProps): JSX.Element {
  const symbol = symbols[place] ?? '';
  const rows = useMemo(() => all.filter((row) => row.symbol === symbol), [all, symbol]);
  const table = useMemo(() => aggregateTable(rows, grain, sessions), [rows, grain, sessions]);
  const scene = useMemo(
    () => panelScene(table, symbols, place, sessions, grain, marks),
    [table, symbols, place, sessions, grain, marks],
  );
  return (
    <section className="panel">
      <header className="panel__head">
        <h2 className="panel__title">
          <SymbolMark place={place} dash={[]} />
          {symbol}
        </h2>
        {isSynthetic && <span className="tag tag--synthetic">synthetic market</span>}
        <PanelReadout table={table} sessions={sessions} store={store} />
        {onRemove && (
          <button type="button" className="chip__remove" aria-label={`Remove ${symbol}`} onClick={onRemove}>
            ×
          </button>
        )}
      </header>
      <div className="panel__chart">
        <ChartPanel
          scene={scene}
          store={store}
          describeRow={(row) => `${symbol} ${describeAggregate(table, row)}`}
        />
        {rows.length === 0 && (
          <p className="panel__empty">There are no rows of {symbol} in this range. Choose a longer one.</p>
        )}
      </div>
    </section>
  );
}

function PanelReadout({
  table,
  sessions,
  store,
}: {
  table: BarTable;
  sessions: SessionTable;
  store: ChartStore;
}): JSX.Element {
  const cursor = useCursor(store);
  const view = useView(store);
  const row = readoutRow(table, cursor, view);
  const value = (column: number): string => price(table.columns[column]?.[row] ?? NaN);
  return (
    <dl className="panel__readout">
      <div>
        <dt className="visually-hidden">Time</dt>
        <dd>{row < 0 ? 'No row here' : barTime(table, row, sessions)}</dd>
      </div>
      <div>
        <dt>Mean</dt>
        <dd>{value(MEAN)}</dd>
      </div>
      <div>
        <dt>VWAP</dt>
        <dd>{value(VWAP)}</dd>
      </div>
      <div>
        <dt>Range</dt>
        <dd>
          {value(LOW)} – {value(HIGH)}
        </dd>
      </div>
    </dl>
  );
}
