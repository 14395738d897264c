import { useMemo, type JSX } from 'react';
import type { ChartStore } from '../../shared/chart/store';
import { AdjustmentMenu } from '../../shared/page/adjustment-menu';
import type { Boot } from '../../shared/page/boot';
import { ChartPage, type ChartPageProps } from '../../shared/page/chart-page';
import { Failure } from '../../shared/page/failure';
import {
  aggregatesOf,
  loadAggregates,
  type AggregatePage,
  type Aggregates,
  type Grain,
} from '../../shared/page/load-aggregates';
import { stateUrl } from '../../shared/page/page-state';
import { RangeRow } from '../../shared/page/range-row';
import { Skeleton } from '../../shared/page/skeleton';
import { SymbolPicker } from '../../shared/page/symbol-picker';
import { Term } from '../../shared/page/term';
import { useAxis } from '../../shared/page/use-axis';
import { useLoad } from '../../shared/page/use-load';
import { Panel } from './panel';

const MOST_SYMBOLS = 6;

interface SessionsBoot extends Boot {
  page: Grain;
  /** The API's only page of rows, newest first, when it was short enough to come along. */
  daily?: AggregatePage | null;
  hourly?: AggregatePage | null;
}

export function SessionsIsland(): JSX.Element {
  return <ChartPage<SessionsBoot> of={SessionsPage} />;
}

function SessionsPage({ boot, state, change, sessions, marks }: ChartPageProps<SessionsBoot>): JSX.Element {
  const { page: grain } = boot;
  const store = useAxis(boot, state.dates, sessions);
  const { symbols, dates, adjustment } = state;
  const first = boot[grain];
  const initial = useMemo(() => (first ? aggregatesOf([first]) : null), [first]);
  const loading = useLoad<Aggregates>(
    `${symbols.join(',')} ${adjustment} ${dates.from} ${dates.to}`,
    (signal) => loadAggregates(boot.api, grain, symbols, dates, adjustment, signal),
    initial,
  );
  const { data } = loading;
  if (!data) return loading.error ? <Failure error={loading.error} retry={loading.retry} /> : <Skeleton />;
  return (
    <>
      {loading.error && <Failure error={loading.error} retry={loading.retry} />}
      <Toolbar boot={boot} state={state} change={change} store={store} />
      <div className="panels" data-count={symbols.length} aria-busy={loading.isLoading}>
        {symbols.map((symbol, place) => (
          <Panel
            key={symbol}
            symbols={symbols}
            place={place}
            rows={data.rows}
            grain={grain}
            sessions={sessions}
            store={store}
            marks={marks}
            isSynthetic={data.synthetic}
            onRemove={
              symbols.length > 1 ? () => change({ symbols: symbols.filter((each) => each !== symbol) }) : null
            }
          />
        ))}
      </div>
    </>
  );
}

type ToolbarProps = Pick<ChartPageProps<SessionsBoot>, 'boot' | 'state' | 'change'> & { store: ChartStore };

function Toolbar({ boot, state, change }: ToolbarProps): JSX.Element {
  return (
    <div className="toolbar">
      <ul className="legend" aria-label="Legend">
        <li>
          <svg className="legend__mark" viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">
            <line x1="1" y1="6" x2="21" y2="6" className="legend__line" />
            <circle cx="11" cy="6" r="3" className="legend__dot" />
          </svg>
          <Term of={`${boot.page}-mean_close`}>Mean close</Term>
        </li>
        <li>
          <svg className="legend__mark" viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">
            <line x1="1" y1="6" x2="21" y2="6" className="legend__line" strokeDasharray="3 3" />
          </svg>
          <Term of={`${boot.page}-vwap_close`}>VWAP</Term>
        </li>
        <li>
          <svg className="legend__mark" viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">
            <rect x="9" y="0" width="4" height="12" className="legend__range" />
          </svg>
          Low to high
        </li>
      </ul>
      <div className="toolbar__group toolbar__group--end">
        {state.symbols.length < MOST_SYMBOLS && (
          <SymbolPicker
            api={boot.api}
            taken={state.symbols}
            label="Add symbol"
            onPick={(symbol) => change({ symbols: [...state.symbols, symbol] })}
          />
        )}
        <AdjustmentMenu adjustment={state.adjustment} onAdjustment={(adjustment) => change({ adjustment })} />
        <RangeRow
          ranges={boot.ranges}
          current={state.range}
          dates={state.dates}
          hrefOf={(range) => stateUrl(boot.page, { ...state, range: range.name, dates: range })}
          onRange={({ name, from, to }) => change({ range: name, dates: { from, to } })}
          onDates={(dates) => change({ range: '', dates })}
        />
      </div>
    </div>
  );
}
