import type { SessionTable } from '../../shared/chart/sessions';

/** The regular minutes of one month: how many there should be and how many there are. */
export interface MonthCoverage {
  month: string;
  expected: number;
  present: number;
}

export interface YearCoverage {
  year: string;
  /** January to December; null before the first and after the last session with data. */
  months: (MonthCoverage | null)[];
}

/** Count the minutes of each month between the first and the last session that has bars. Rows ascend by session. */
export function coverageByYear(
  rows: readonly { session: string; bar_count: number }[],
  sessions: SessionTable,
): YearCoverage[] {
  const first = rows[0]?.session;
  const last = rows.at(-1)?.session;
  if (first === undefined || last === undefined) return [];
  const months = new Map<string, MonthCoverage>();
  const monthOf = (session: string): MonthCoverage => {
    const month = session.slice(0, 7);
    const known = months.get(month) ?? { month, expected: 0, present: 0 };
    months.set(month, known);
    return known;
  };
  for (const { session, minutes } of sessions.sessions) {
    if (session >= first && session <= last) monthOf(session).expected += minutes;
  }
  for (const { session, bar_count } of rows) monthOf(session).present += bar_count;
  const years = new Set([...months.keys()].map((month) => month.slice(0, 4)));
  return [...years].sort().map((year) => ({
    year,
    months: Array.from(
      { length: 12 },
      (_, place) => months.get(`${year}-${String(place + 1).padStart(2, '0')}`) ?? null,
    ),
  }));
}

export type Completeness = 'whole' | 'nearly' | 'partly' | 'none';

/** How complete a month is: `nearly` lacks less than 1 % of its minutes. */
export function completeness({ expected, present }: MonthCoverage): Completeness {
  if (present >= expected) return 'whole';
  if (present === 0) return 'none';
  return present >= expected * 0.99 ? 'nearly' : 'partly';
}
