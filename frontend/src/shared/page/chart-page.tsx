import { useState, type ComponentType, type JSX } from 'react';
import type { SessionTable } from '../chart/sessions';
import { readBoot, type Boot } from './boot';
import { Failure } from './failure';
import { stateUrl, usePageState, type PageState } from './page-state';
import { Skeleton } from './skeleton';
import { useServerParts } from './use-server-parts';
import { useSessions } from './use-sessions';

export interface ChartPageProps<B extends Boot> {
  boot: B;
  state: PageState;
  change: (part: Partial<PageState>) => void;
  sessions: SessionTable;
}

/** What every chart page does first: read its boot data and address, get the sessions, keep the server's parts fresh. */
export function ChartPage<B extends Boot>({
  of: Page,
}: {
  of: ComponentType<ChartPageProps<B>>;
}): JSX.Element {
  const [boot] = useState(() => readBoot() as B);
  const [state, change] = usePageState(boot);
  const sessions = useSessions(boot);
  const parts = useServerParts(stateUrl(boot.page, state));
  if (!sessions.data) {
    return sessions.error ? <Failure error={sessions.error} retry={sessions.retry} /> : <Skeleton />;
  }
  return (
    <>
      {parts.error && <Failure error={parts.error} retry={parts.retry} />}
      <Page boot={boot} state={state} change={change} sessions={sessions.data} />
    </>
  );
}
