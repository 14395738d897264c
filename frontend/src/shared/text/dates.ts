/** Dates and clock times as people read them. A session is a date without a zone; an instant is minutes since 1970 UTC. */

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export interface SessionDate {
  year: number;
  month: number;
  day: number;
  weekday: string;
  monthName: string;
}

const parsed = new Map<string, SessionDate>();

/** The parts of "2026-11-04". */
export function sessionDate(session: string): SessionDate {
  const known = parsed.get(session);
  if (known) return known;
  const [year = NaN, month = NaN, day = NaN] = session.split('-').map(Number);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
  const monthName = MONTHS[month - 1];
  if (weekday === undefined || monthName === undefined) throw new Error(`"${session}" is not a date.`);
  const parts = { year, month, day, weekday, monthName };
  parsed.set(session, parts);
  return parts;
}

/** "4 Nov", or "4 Nov 2025" when the year is asked for. */
export function shortDate(session: string, withYear = false): string {
  const { day, monthName, year } = sessionDate(session);
  return withYear ? `${day} ${monthName} ${year}` : `${day} ${monthName}`;
}

/** "Wed 4 Nov", or "Wed 4 Nov 2025". */
export function longDate(session: string, withYear = false): string {
  return `${sessionDate(session).weekday} ${shortDate(session, withYear)}`;
}

/** "1 Oct – 24 Nov 2026": the years are said once where they agree. */
export function dateSpan(from: string, to: string): string {
  if (from === to) return longDate(from, true);
  const sameYear = sessionDate(from).year === sessionDate(to).year;
  return `${shortDate(from, !sameYear)} – ${shortDate(to, true)}`;
}

/** "10:22" for 622 minutes after midnight. */
export function clock(minutesOfDay: number): string {
  const hours = Math.floor(minutesOfDay / 60);
  return `${String(hours).padStart(2, '0')}:${String(minutesOfDay % 60).padStart(2, '0')}`;
}

// Building a formatter costs about 50 µs, so there is one.
const newYorkClock = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'America/New_York',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** Minutes after midnight on New York's clock at an instant, daylight saving included. */
export function newYorkMinutesOfDay(epochMinute: number): number {
  const [hours = NaN, minutes = NaN] = newYorkClock
    .format(epochMinute * 60_000)
    .split(':')
    .map(Number);
  return hours * 60 + minutes;
}
