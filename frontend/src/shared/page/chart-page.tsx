import { useMemo, useState, type ComponentType, type JSX } from 'react';
import { eventMarks, type EventMark } from '../chart/events';
import type { SessionTable } from '../chart/sessions';
import { readBoot, type Boot } from './boot';
import { Failure } from './failure';
import { stateUrl, usePageState, type PageState } from './page-state';
import { Skeleton } from './skeleton';
import { useEvents } from './use-events';
import { useServerParts } from './use-server-parts';
import { useSessions } from './use-sessions';

export interface ChartPageProps<B extends Boot> {
  boot: B;
  state: PageState;
  change: (part: Partial<PageState>) => void;
  sessions: SessionTable;
  /** Splits, and dividends where they count, at their places on the axis. */
  marks: readonly EventMark[];
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
  const events = useEvents(boot, state);
  const marks = useMemo(
    () => (sessions.data ? eventMarks(events.data ?? [], sessions.data) : []),
    [events.data, sessions.data],
  );
  if (!sessions.data) {
    return sessions.error ? <Failure error={sessions.error} retry={sessions.retry} /> : <Skeleton />;
  }
  return (
    <>
      {parts.error && <Failure error={parts.error} retry={parts.retry} />}
      {events.error && <Failure error={events.error} retry={events.retry} />}
      <Page boot={boot} state={state} change={change} sessions={sessions.data} marks={marks} />
    </>
  );
}
