import { useCallback, useMemo, useRef, useState, type JSX } from 'react';
import type { BarTable } from '../../shared/chart/bar-table';
import { ChartPanel } from '../../shared/chart/chart-panel';
import type { ChartView } from '../../shared/chart/chart-view';
import { eventsSentence, type EventMark } from '../../shared/chart/events';
import { baseOf } from '../../shared/chart/frame';
import type { Pin } from '../../shared/chart/scene';
import type { SessionTable } from '../../shared/chart/sessions';
import type { ChartStore } from '../../shared/chart/store';
import { useSettledView, useView } from '../../shared/chart/use-chart';
import { adjustmentLabel } from '../../shared/page/adjustment';
import { AdjustmentMenu } from '../../shared/page/adjustment-menu';
import type { Boot } from '../../shared/page/boot';
import { ModeSwitch } from '../../shared/page/mode-switch';
import { stateUrl, type PageState } from '../../shared/page/page-state';
import { RangeRow } from '../../shared/page/range-row';
import { SymbolPicker } from '../../shared/page/symbol-picker';
import { percent, price } from '../../shared/text/numbers';
import { Chips } from './chips';
import { compareScene } from './compare-scene';
import { changesIn, summaryOf } from './finding';
import type { Layer } from './layers';
import { ViewFacts } from '../../shared/page/view-facts';
import { composePicture, savePicture } from './picture';
import { Readout } from './readout';
import { useFinding } from './use-finding';

const MOST_SYMBOLS = 6;

export interface CompareViewProps {
  boot: Boot;
  state: PageState;
  change: (part: Partial<PageState>) => void;
  sessions: SessionTable;
  marks: readonly EventMark[];
  layer: Layer;
  store: ChartStore;
  isLoading: boolean;
}

export function CompareView(props: CompareViewProps): JSX.Element {
  const { boot, state, sessions, marks, layer, store, isLoading } = props;
  const { table } = layer;
  const symbols = layer.comparison.symbols;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [pin, setPin] = usePin(symbols);
  const chart = useRef<ChartView | null>(null);
  const keepChart = useCallback((view: ChartView | null) => {
    chart.current = view;
  }, []);
  const settled = useSettledView(store);
  const finding = useFinding(layer, sessions, store, pin);
  const [from, to] = spanOf(sessions, settled);
  const summary =
    summaryOf(changesIn(table, symbols, settled, pin), from, to) + eventsSentence(marks, { from, to });
  const scene = useMemo(
    () => compareScene({ table, sessions, symbols, hidden, mode: state.mode, pin, marks, summary }),
    [table, sessions, symbols, hidden, state.mode, pin, marks, summary],
  );
  const describeRow = (row: number): string =>
    describe(table, symbols, row, baseOf(table, store.view(), pin));
  const save = (): void => savePictureOf(chart.current, layer, finding);

  return (
    <>
      <Toolbar {...props} hidden={hidden} onHidden={setHidden} pin={pin} onPin={setPin} />
      <div className="instrument" aria-busy={isLoading}>
        <div className="instrument__chart">
          <ChartPanel scene={scene} store={store} describeRow={describeRow} onView={keepChart} />
          {layer.comparison.provenance.synthetic && (
            <span className="tag tag--synthetic chart-tag">synthetic market</span>
          )}
        </div>
        <aside className="rail" aria-label="Readout">
          <Readout
            table={table}
            symbols={symbols}
            sessions={sessions}
            marks={marks}
            store={store}
            pin={pin}
          />
          <ViewFacts table={table} sessions={sessions} store={store} />
          <div className="rail__actions">
            {boot.may_export && (
              <a className="button button--quiet" href={`${stateUrl('compare', state)}&format=csv`} download>
                CSV
              </a>
            )}
            <button className="button button--quiet" type="button" onClick={save}>
              PNG
            </button>
          </div>
        </aside>
      </div>
    </>
  );
}

/** A row in words: each symbol's price and change since the base. */
function describe(table: BarTable, symbols: readonly string[], row: number, base: Pin | null): string {
  return symbols
    .map((symbol, place) => {
      const value = table.columns[place]?.[row] ?? NaN;
      return `${symbol} ${price(value)}, ${percent(value / (base?.values[place] ?? NaN) - 1)}`;
    })
    .join('; ');
}

function savePictureOf(chart: ChartView | null, { comparison }: Layer, finding: string): void {
  if (!chart) return;
  const { symbols, provenance } = comparison;
  const heading = symbols.join(' against ');
  const origin = provenance.synthetic ? 'synthetic market' : provenance.provider;
  const basis = adjustmentLabel(provenance.adjustment).toLowerCase();
  const source = `StockCompare · ${origin} · regular hours · prices: ${basis} · times in New York, ET`;
  savePicture(
    composePicture(chart.toCanvas(), { heading, finding, source }, chart.pixelRatio),
    `${symbols.join('-')}.png`,
  );
}

interface ToolbarProps extends CompareViewProps {
  hidden: ReadonlySet<string>;
  onHidden: (hidden: ReadonlySet<string>) => void;
  pin: Pin | null;
  onPin: (pin: Pin | null) => void;
}

function Toolbar({
  boot,
  state,
  change,
  layer,
  store,
  hidden,
  onHidden,
  pin,
  onPin,
}: ToolbarProps): JSX.Element {
  const view = useView(store);
  const symbols = layer.comparison.symbols;
  const remove = (symbol: string): void =>
    change({ symbols: state.symbols.filter((each) => each !== symbol) });
  return (
    <div className="toolbar">
      <div className="toolbar__group">
        <Chips
          changes={changesIn(layer.table, symbols, view, pin)}
          hidden={hidden}
          onRemove={symbols.length > 2 ? remove : null}
          onToggle={(symbol) => onHidden(toggled(hidden, symbol, symbols))}
        />
        {state.symbols.length < MOST_SYMBOLS && (
          <SymbolPicker
            api={boot.api}
            taken={state.symbols}
            label="Add symbol"
            onPick={(symbol) => change({ symbols: [...state.symbols, symbol] })}
          />
        )}
      </div>
      <div className="toolbar__group toolbar__group--end">
        <button
          className="button button--quiet"
          type="button"
          aria-pressed={pin !== null}
          disabled={state.mode === 'price'}
          title="Keep counting percent from this date while you move"
          onClick={() => onPin(pin ? null : baseOf(layer.table, view, null))}
        >
          {pin ? 'Unpin base' : 'Pin base date'}
        </button>
        <AdjustmentMenu adjustment={state.adjustment} onAdjustment={(adjustment) => change({ adjustment })} />
        <ModeSwitch mode={state.mode} onMode={(mode) => change({ mode })} />
        <RangeRow
          ranges={boot.ranges}
          current={state.range}
          dates={state.dates}
          hrefOf={(range) => stateUrl('compare', { ...state, range: range.name, dates: range })}
          onRange={({ name, from, to }) => change({ range: name, dates: { from, to } })}
          onDates={(dates) => change({ range: '', dates })}
        />
      </div>
    </div>
  );
}

/** Hide or show a symbol; the last visible one stays. */
function toggled(
  hidden: ReadonlySet<string>,
  symbol: string,
  symbols: readonly string[],
): ReadonlySet<string> {
  const next = new Set(hidden);
  if (!next.delete(symbol)) next.add(symbol);
  return symbols.every((each) => next.has(each)) ? hidden : next;
}

/** A pin belongs to the symbols whose prices it holds. */
function usePin(symbols: readonly string[]): [Pin | null, (pin: Pin | null) => void] {
  const key = symbols.join(',');
  const [held, setHeld] = useState<{ key: string; pin: Pin | null }>({ key, pin: null });
  return [held.key === key ? held.pin : null, (pin) => setHeld({ key, pin })];
}

function spanOf(sessions: SessionTable, view: { min: number; max: number }): [from: string, to: string] {
  return [sessions.sessionAt(view.min)?.session ?? '', sessions.sessionAt(view.max)?.session ?? ''];
}
