import { newYorkMinutesOfDay } from '../text/dates';
import type { View } from './view';

/** One exchange session. `open` is minutes since 1970 UTC; `ordinal` counts trading minutes before it. */
export interface Session {
  session: string;
  open: number;
  minutes: number;
  ordinal: number;
}

export type SessionRow = readonly [session: string, open: number, minutes: number, ordinal: number];

/**
 * The time axis: every trading minute has an ordinal, so nights, weekends and holidays take no width.
 *
 * Sessions follow each other without a hole: each starts at the ordinal where the last one ends.
 */
export class SessionTable {
  readonly sessions: readonly Session[];
  private readonly clocks = new Map<number, number>();

  constructor(sessions: readonly Session[]) {
    this.sessions = sessions;
  }

  static fromRows(rows: readonly SessionRow[]): SessionTable {
    return new SessionTable(
      rows.map(([session, open, minutes, ordinal]) => ({ session, open, minutes, ordinal })),
    );
  }

  get first(): Session | undefined {
    return this.sessions[0];
  }

  get last(): Session | undefined {
    return this.sessions.at(-1);
  }

  /** The ordinal of the bar that starts at this minute; null outside the regular session. */
  ordinalOf(epochMinute: number): number | null {
    const session = this.sessions[lastAtOrBefore(this.sessions, (row) => row.open, epochMinute)];
    if (!session || epochMinute >= session.open + session.minutes) return null;
    return session.ordinal + (epochMinute - session.open);
  }

  /** The place of the session that holds an ordinal, clamped to the table; −1 when the table is empty. */
  indexAt(ordinal: number): number {
    return Math.max(
      lastAtOrBefore(this.sessions, (row) => row.ordinal, ordinal),
      Math.min(0, this.sessions.length - 1),
    );
  }

  sessionAt(ordinal: number): Session | undefined {
    return this.sessions[this.indexAt(ordinal)];
  }

  /** The instant (minutes since 1970 UTC) at which the bar with this ordinal starts. */
  minuteOf(ordinal: number): number {
    const session = this.sessionAt(ordinal);
    return session ? session.open + (ordinal - session.ordinal) : NaN;
  }

  /** The place of the first session on or after a date; the table's length when there is none. */
  indexOnOrAfter(session: string): number {
    return lastAtOrBefore(this.sessions, (row) => (row.session < session ? 0 : 1), 0) + 1;
  }

  /** The first session on or after a date. */
  onOrAfter(session: string): Session | undefined {
    return this.sessions[this.indexOnOrAfter(session)];
  }

  /** The last session on or before a date. */
  onOrBefore(session: string): Session | undefined {
    return this.sessions[lastAtOrBefore(this.sessions, (row) => (row.session <= session ? 0 : 1), 0)];
  }

  /** New York's clock, in minutes after midnight, when this session opens. */
  openClock(session: Session): number {
    let minutes = this.clocks.get(session.open);
    if (minutes === undefined) {
      minutes = newYorkMinutesOfDay(session.open);
      this.clocks.set(session.open, minutes);
    }
    return minutes;
  }

  /** New York's clock at an ordinal. */
  clockAt(ordinal: number): number {
    const session = this.sessionAt(ordinal);
    return session ? this.openClock(session) + Math.round(ordinal - session.ordinal) : NaN;
  }
}

/** Sessions `from` to `to`, both included, as the part of the axis that they fill; null when there are none. */
export function viewOfDates(sessions: SessionTable, { from, to }: { from: string; to: string }): View | null {
  const first = sessions.onOrAfter(from);
  const last = sessions.onOrBefore(to);
  if (!first || !last || first.ordinal > last.ordinal) return null;
  return { min: first.ordinal, max: last.ordinal + last.minutes - 1 };
}

/** Binary search: the last place whose key is ≤ `wanted`; −1 when all are greater. Keys ascend. */
function lastAtOrBefore<T>(rows: readonly T[], key: (row: T) => number, wanted: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (key(rows[middle] as T) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
