import type { JSX } from 'react';
import type { Comparison } from '../../api/types';
import type { Boot } from '../../shared/page/boot';
import { ChartPage, type ChartPageProps } from '../../shared/page/chart-page';
import { Failure } from '../../shared/page/failure';
import { Skeleton } from '../../shared/page/skeleton';
import { useAxis, wholeRange } from '../../shared/page/use-axis';
import { CompareView } from './compare-view';
import { useLayers } from './use-layers';

interface CompareBoot extends Boot {
  comparison: Comparison | null;
}

export function CompareIsland(): JSX.Element {
  return <ChartPage<CompareBoot> of={ComparePage} />;
}

function ComparePage(page: ChartPageProps<CompareBoot>): JSX.Element {
  const { boot, state, sessions } = page;
  const store = useAxis(boot, state.dates, sessions);
  const { symbols, dates, adjustment } = state;
  const wanted = {
    api: boot.api,
    symbols,
    dates,
    adjustment,
    whole: wholeRange(boot),
    initial: boot.comparison,
  };
  const { layer, loading } = useLayers(wanted, sessions, store);
  if (!layer) return loading.error ? <Failure error={loading.error} retry={loading.retry} /> : <Skeleton />;
  return (
    <>
      {loading.error && <Failure error={loading.error} retry={loading.retry} />}
      <CompareView {...page} layer={layer} store={store} isLoading={loading.isLoading} />
    </>
  );
}
