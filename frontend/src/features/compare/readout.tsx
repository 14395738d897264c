import type { JSX } from 'react';
import type { BarTable } from '../../shared/chart/bar-table';
import { eventName, marksAt, type EventMark } from '../../shared/chart/events';
import { baseOf } from '../../shared/chart/frame';
import { barTime, readoutRow } from '../../shared/chart/readout';
import { cumulativeReturn } from '../../shared/chart/rebase';
import type { Pin } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useCursor, useView } from '../../shared/chart/use-chart';
import { SymbolMark } from '../../shared/page/symbol-mark';
import { direction, percent, points, price } from '../../shared/text/numbers';

interface ReadoutProps {
  table: BarTable;
  symbols: readonly string[];
  sessions: SessionTable;
  marks: readonly EventMark[];
  store: ChartStore;
  pin: Pin | null;
}

/** One shared readout: time, price and change of each symbol, and the difference of the first two. */
export function Readout({ table, symbols, sessions, marks, store, pin }: ReadoutProps): JSX.Element {
  const cursor = useCursor(store);
  const view = useView(store);
  const row = readoutRow(table, cursor, view);
  const base = baseOf(table, view, pin);
  const change = (place: number): number =>
    cumulativeReturn(table.columns[place]?.[row] ?? NaN, base?.values[place] ?? NaN);
  const here = cursor === null || row < 0 ? [] : marksAt(marks, table.ordinals[row]!, sessions);
  const baseRow = base ? table.ordinals.indexOf(base.ordinal) : -1;
  return (
    <div className="readout">
      <p className="readout__time">{row < 0 ? 'No bar here' : barTime(table, row, sessions)}</p>
      <table className="readout__table">
        <thead className="visually-hidden">
          <tr>
            <th scope="col">Symbol</th>
            <th scope="col">Price</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {symbols.map((symbol, place) => (
            <tr key={symbol}>
              <th scope="row">
                <SymbolMark place={place} />
                {symbol}
              </th>
              <td>{price(table.columns[place]?.[row] ?? NaN)}</td>
              <td>
                <span className="change" data-direction={direction(change(place))}>
                  {percent(change(place))}
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="readout__facts">
        <div>
          <dt>{`${symbols[0] ?? ''} − ${symbols[1] ?? ''}`}</dt>
          <dd>{points(change(0) - change(1))}</dd>
        </div>
        <div>
          <dt>{pin ? 'Pinned base' : 'Base'}</dt>
          <dd>{baseRow < 0 ? '–' : barTime(table, baseRow, sessions)}</dd>
        </div>
        {here.map(({ event }) => (
          <div key={`${event.symbol} ${event.kind}`}>
            <dt>This session</dt>
            <dd>{eventName(event)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
