import { clock, longDate, sessionDate } from '../text/dates';
import type { Session, SessionTable } from './sessions';
import type { View } from './view';

export interface TimeTick {
  ordinal: number;
  label: string;
  /** Marks the start of a larger unit (a session among hours, a month among days): drawn stronger. */
  major: boolean;
}

const TRADING_DAY = 390;
const CLOCK_STEPS = [1, 2, 5, 10, 15, 30, 60, 120] as const;

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'fiveYears';
const UNIT_MINUTES: Record<Unit, number> = {
  day: TRADING_DAY,
  week: 5 * TRADING_DAY,
  month: 21 * TRADING_DAY,
  quarter: 63 * TRADING_DAY,
  year: 252 * TRADING_DAY,
  fiveYears: 1260 * TRADING_DAY,
};

/** Pixels between ticks at the least: of the clock, and of dates. */
const CLOCK_SPACING = 50;
const DATE_SPACING = 58;
/** About as wide as a character of a label, and the air after it. */
const CHARACTER = 6.6;
const AIR = 10;

/** Ticks for a view of `width` pixels. Labels begin at their tick; of two that collide the larger unit's stays. */
export function timeTicks(sessions: SessionTable, view: View, width: number): TimeTick[] {
  const perPixel = (view.max - view.min) / Math.max(width, 1);
  const step = CLOCK_STEPS.find((minutes) => minutes >= CLOCK_SPACING * perPixel);
  const ticks =
    step === undefined
      ? dateTicks(sessions, view, DATE_SPACING * perPixel)
      : clockTicks(sessions, view, step);
  return withoutCollisions(ticks, perPixel);
}

function visibleSessions(sessions: SessionTable, view: View): readonly Session[] {
  const first = sessions.indexAt(view.min);
  return first < 0 ? [] : sessions.sessions.slice(first, sessions.indexAt(view.max) + 1);
}

function clockTicks(sessions: SessionTable, view: View, step: number): TimeTick[] {
  const ticks: TimeTick[] = [];
  for (const session of visibleSessions(sessions, view)) {
    const open = sessions.openClock(session);
    ticks.push({ ordinal: session.ordinal, label: sessionLabel(session, ticks.length === 0), major: true });
    const firstClock = Math.floor(open / step) * step + step;
    for (let minutes = firstClock; minutes < open + session.minutes; minutes += step) {
      ticks.push({ ordinal: session.ordinal + minutes - open, label: clock(minutes), major: false });
    }
  }
  return ticks.filter(({ ordinal }) => ordinal >= view.min && ordinal <= view.max);
}

/** "Wed 18"; the month is said with the first session shown and with the first of a month. */
function sessionLabel({ session }: Session, isFirst: boolean): string {
  const { weekday, day } = sessionDate(session);
  return isFirst || day <= 3 ? longDate(session) : `${weekday} ${day}`;
}

function dateTicks(sessions: SessionTable, view: View, apart: number): TimeTick[] {
  const unit =
    (Object.keys(UNIT_MINUTES) as Unit[]).find((name) => UNIT_MINUTES[name] >= apart) ?? 'fiveYears';
  const ticks: TimeTick[] = [];
  const first = Math.max(0, sessions.indexAt(view.min));
  let previous = sessions.sessions[first - 1];
  for (const session of visibleSessions(sessions, view)) {
    const starts = !previous || unitOf(session, unit) !== unitOf(previous, unit);
    if (starts && session.ordinal >= view.min) ticks.push(dateTick(session, previous, unit));
    previous = session;
  }
  return ticks;
}

function unitOf(session: Session, unit: Unit): number | string {
  const { year, month, day } = sessionDate(session.session);
  switch (unit) {
    case 'day':
      return session.session;
    case 'week':
      // Days since Monday 5 January 1970, in whole weeks.
      return Math.floor((Date.UTC(year, month - 1, day) / 86_400_000 - 4) / 7);
    case 'month':
      return year * 12 + month;
    case 'quarter':
      return year * 4 + Math.ceil(month / 3);
    case 'year':
      return year;
    case 'fiveYears':
      return Math.floor(year / 5);
  }
}

function dateTick(session: Session, previous: Session | undefined, unit: Unit): TimeTick {
  const { year, month, monthName, day } = sessionDate(session.session);
  const before = previous && sessionDate(previous.session);
  const newYear = before !== undefined && before.year !== year;
  const newMonth = before !== undefined && (newYear || before.month !== month);
  const byDay = unit === 'day' || unit === 'week';
  const byYear = unit === 'year' || unit === 'fiveYears';
  if (byYear || newYear) return { ordinal: session.ordinal, label: String(year), major: newYear && !byYear };
  if (!byDay) return { ordinal: session.ordinal, label: monthName, major: false };
  return { ordinal: session.ordinal, label: `${day} ${monthName}`, major: newMonth };
}

/** Drop ticks whose label would run into the next stronger one, or that begin within an earlier label. */
function withoutCollisions(ticks: readonly TimeTick[], perPixel: number): TimeTick[] {
  const kept: TimeTick[] = [];
  for (const tick of ticks) {
    const last = kept.at(-1);
    if (!last || tick.ordinal >= last.ordinal + labelWidth(last) * perPixel) kept.push(tick);
    else if (tick.major && !last.major) kept[kept.length - 1] = tick;
  }
  return kept;
}

export function labelWidth({ label }: TimeTick): number {
  return label.length * CHARACTER + AIR;
}
