import { useEffect, useMemo, useState } from 'react';
import { viewOfDates, type SessionTable } from '../chart/sessions';
import { ChartStore } from '../chart/store';
import type { View } from '../chart/view';
import type { Boot, DateRange } from './boot';

const NOWHERE: View = { min: 0, max: 1 };

/** All the dates that there is data of. */
export function wholeRange(boot: Boot): DateRange {
  return boot.ranges.find((range) => range.name === 'MAX') ?? boot.range;
}

/** A chart store whose axis reaches over all the data and whose home is the chosen dates. */
export function useAxis(boot: Boot, dates: DateRange, sessions: SessionTable): ChartStore {
  const home = useMemo(() => viewOfDates(sessions, dates), [sessions, dates]);
  const bounds = useMemo(() => viewOfDates(sessions, wholeRange(boot)), [sessions, boot]);
  const [store] = useState(() => new ChartStore(bounds ?? NOWHERE, home ?? NOWHERE));
  useEffect(() => {
    if (home && bounds) store.setBounds(bounds, home);
  }, [store, home, bounds]);
  return store;
}
