import { useMemo } from 'react';
import type { SessionTable } from '../chart/sessions';
import type { Boot, DateRange } from './boot';
import { loadSessions, sessionTableOf } from './load-sessions';
import { useLoad, type Loaded } from './use-load';

/** The session table: first that of the page's range, then of everything there is data of. */
export function useSessions(boot: Boot): Loaded<SessionTable> {
  const first = useMemo(() => (boot.sessions ? sessionTableOf(boot.sessions) : null), [boot]);
  const whole: DateRange = boot.ranges.find((range) => range.name === 'MAX') ?? boot.range;
  const hasAll = first !== null && boot.range.from <= whole.from && boot.range.to >= whole.to;
  const rest = useLoad(hasAll ? null : `${whole.from} ${whole.to}`, (signal) =>
    loadSessions(boot.api, whole, signal),
  );
  return { ...rest, data: rest.data ?? first };
}
