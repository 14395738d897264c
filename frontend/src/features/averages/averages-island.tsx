import { useState, type JSX } from 'react';
import { get } from '../../api/client';
import type { SymbolDetail } from '../../api/types';
import { AdjustmentMenu } from '../../shared/page/adjustment-menu';
import type { Boot } from '../../shared/page/boot';
import { ChartPage, type ChartPageProps } from '../../shared/page/chart-page';
import { Failure } from '../../shared/page/failure';
import { stateUrl } from '../../shared/page/page-state';
import { RangeRow } from '../../shared/page/range-row';
import { Skeleton } from '../../shared/page/skeleton';
import { SymbolMark } from '../../shared/page/symbol-mark';
import { SymbolPicker } from '../../shared/page/symbol-picker';
import { useAxis } from '../../shared/page/use-axis';
import { useLoad } from '../../shared/page/use-load';
import { AveragesView } from './averages-view';
import { AVERAGES, SHOWN_FIRST, type AverageName } from './names';

interface AveragesBoot extends Boot {
  symbol: SymbolDetail | null;
}

export function AveragesIsland(): JSX.Element {
  return <ChartPage<AveragesBoot> of={AveragesPage} />;
}

function AveragesPage(page: ChartPageProps<AveragesBoot>): JSX.Element {
  const { boot, state, sessions, marks } = page;
  const store = useAxis(boot, state.dates, sessions);
  const [shown, setShown] = useState(SHOWN_FIRST);
  const symbol = state.symbols[0] ?? '';
  const { adjustment } = state;
  const load = (signal: AbortSignal): Promise<SymbolDetail> =>
    get<SymbolDetail>(`${boot.api}symbols/${encodeURIComponent(symbol)}/`, { adjustment }, signal);
  const { data, error, retry } = useLoad(`${symbol} ${adjustment}`, load, boot.symbol);
  if (!data) return error ? <Failure error={error} retry={retry} /> : <Skeleton />;
  return (
    <>
      {error && <Failure error={error} retry={retry} />}
      <Toolbar {...page} symbol={data.symbol} shown={shown} onShown={setShown} />
      <AveragesView
        symbol={data}
        shown={shown}
        sessions={sessions}
        store={store}
        marks={marks}
        dates={state.dates}
        csv={boot.may_export ? `${stateUrl('averages', state)}&format=csv` : null}
      />
    </>
  );
}

interface ToolbarProps extends ChartPageProps<AveragesBoot> {
  symbol: string;
  shown: ReadonlySet<AverageName>;
  onShown: (shown: ReadonlySet<AverageName>) => void;
}

function Toolbar({ boot, state, change, symbol, shown, onShown }: ToolbarProps): JSX.Element {
  const toggle = (name: AverageName): void => {
    const next = new Set(shown);
    if (!next.delete(name)) next.add(name);
    onShown(next);
  };
  return (
    <div className="toolbar">
      <div className="toolbar__group">
        <span className="chip chip--fixed">
          <SymbolMark place={0} />
          <b>{symbol}</b>
        </span>
        <SymbolPicker
          api={boot.api}
          taken={[symbol]}
          label="Change symbol"
          onPick={(picked) => change({ symbols: [picked] })}
        />
      </div>
      <div className="toolbar__group toolbar__group--end">
        <ul className="chips chips--joined" aria-label="Averages">
          {AVERAGES.map(({ name, label, color, dash }) => (
            <li key={name} className="chip" data-token={color}>
              <button
                type="button"
                className="chip__toggle"
                aria-pressed={shown.has(name)}
                onClick={() => toggle(name)}
              >
                <SymbolMark token={color} dash={dash} />
                <span>{label}</span>
              </button>
            </li>
          ))}
        </ul>
        <AdjustmentMenu adjustment={state.adjustment} onAdjustment={(adjustment) => change({ adjustment })} />
        <RangeRow
          ranges={boot.ranges}
          current={state.range}
          dates={state.dates}
          hrefOf={(range) => stateUrl('averages', { ...state, range: range.name, dates: range })}
          onRange={({ name, from, to }) => change({ range: name, dates: { from, to } })}
          onDates={(dates) => change({ range: '', dates })}
        />
      </div>
    </div>
  );
}
