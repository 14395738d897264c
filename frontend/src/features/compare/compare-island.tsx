import { useEffect, useMemo, useState, type JSX } from 'react';
import type { Comparison } from '../../api/types';
import type { SessionTable } from '../../shared/chart/sessions';
import { ChartStore } from '../../shared/chart/store';
import { readBoot, type Boot } from '../../shared/page/boot';
import { Failure } from '../../shared/page/failure';
import { stateUrl, usePageState, type PageState } from '../../shared/page/page-state';
import { Skeleton } from '../../shared/page/skeleton';
import { useServerParts } from '../../shared/page/use-server-parts';
import { useSessions } from '../../shared/page/use-sessions';
import { CompareView } from './compare-view';
import { viewOfDates } from './layers';
import { useLayers } from './use-layers';

interface CompareBoot extends Boot {
  comparison: Comparison | null;
}

export function CompareIsland(): JSX.Element {
  const [boot] = useState(() => readBoot() as CompareBoot);
  const [state, change] = usePageState(boot);
  const sessions = useSessions(boot);
  const parts = useServerParts(stateUrl(boot.page, state));
  if (!sessions.data) {
    return sessions.error ? <Failure error={sessions.error} retry={sessions.retry} /> : <Skeleton />;
  }
  return (
    <>
      {parts.error && <Failure error={parts.error} retry={parts.retry} />}
      <ComparisonOfSymbols boot={boot} state={state} change={change} sessions={sessions.data} />
    </>
  );
}

interface Props {
  boot: CompareBoot;
  state: PageState;
  change: (part: Partial<PageState>) => void;
  sessions: SessionTable;
}

/** Loads what the state asks for and keeps the chart's axis in step with it. */
function ComparisonOfSymbols({ boot, state, change, sessions }: Props): JSX.Element {
  const whole = boot.ranges.find((range) => range.name === 'MAX') ?? state.dates;
  const home = useMemo(() => viewOfDates(sessions, state.dates), [sessions, state.dates]);
  const bounds = useMemo(() => viewOfDates(sessions, whole), [sessions, whole]);
  const [store] = useState(() => new ChartStore(bounds ?? { min: 0, max: 1 }, home ?? { min: 0, max: 1 }));
  const isInitial =
    state.symbols.join() === boot.symbols.join() &&
    state.dates.from === boot.range.from &&
    state.dates.to === boot.range.to;
  const { layer, loading } = useLayers(
    {
      api: boot.api,
      symbols: state.symbols,
      dates: state.dates,
      whole,
      initial: isInitial ? boot.comparison : null,
    },
    sessions,
    store,
  );

  useEffect(() => {
    if (home && bounds) store.setBounds(bounds, home);
  }, [store, home, bounds]);

  return (
    <>
      {loading.error && <Failure error={loading.error} retry={loading.retry} />}
      {layer ? (
        <CompareView
          boot={boot}
          state={state}
          change={change}
          sessions={sessions}
          layer={layer}
          store={store}
          isLoading={loading.isLoading}
        />
      ) : (
        !loading.error && <Skeleton />
      )}
    </>
  );
}
