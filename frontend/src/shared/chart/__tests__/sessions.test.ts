import { describe, expect, it } from 'vitest';
import { SessionTable } from '../sessions';
import { AUTUMN, autumn } from './samples';

const minute = (instant: string): number => Date.parse(instant) / 60_000;

describe('SessionTable', () => {
  it('numbers trading minutes through a weekend and the end of daylight saving', () => {
    const sessions = autumn();

    expect(sessions.ordinalOf(minute('2026-10-30T19:59Z'))).toBe(1389);
    expect(sessions.ordinalOf(minute('2026-11-02T14:30Z'))).toBe(1390);
  });

  it('finds no ordinal at the close, at night or before the first session', () => {
    const sessions = autumn();

    expect(sessions.ordinalOf(minute('2026-10-30T20:00Z'))).toBeNull();
    expect(sessions.ordinalOf(minute('2026-11-27T18:00Z'))).toBeNull();
    expect(sessions.ordinalOf(minute('2026-10-29T14:30Z'))).toBeNull();
    expect(new SessionTable([]).ordinalOf(0)).toBeNull();
  });

  it('inverts every ordinal', () => {
    const sessions = autumn();

    for (let ordinal = 1000; ordinal < 3160; ordinal++) {
      expect(sessions.ordinalOf(sessions.minuteOf(ordinal))).toBe(ordinal);
    }
  });

  it('tells New York time on both sides of the clock change', () => {
    const sessions = autumn();

    expect(sessions.clockAt(1000)).toBe(570);
    expect(sessions.clockAt(1390 + 52)).toBe(622);
  });

  it('clamps to its first and last session', () => {
    const sessions = autumn();

    expect(sessions.sessionAt(-5)?.session).toBe('2026-10-30');
    expect(sessions.sessionAt(99_999)?.session).toBe('2026-11-30');
    expect(new SessionTable([]).indexAt(3)).toBe(-1);
  });

  it('finds the session next to a date without one', () => {
    const sessions = autumn();

    expect(sessions.onOrAfter('2026-11-26')?.session).toBe('2026-11-27');
    expect(sessions.onOrBefore('2026-11-26')?.session).toBe('2026-11-25');
    expect(sessions.onOrAfter('2026-12-01')).toBeUndefined();
    expect(sessions.onOrBefore('2026-10-01')).toBeUndefined();
    expect(sessions.indexOnOrAfter('2026-12-01')).toBe(AUTUMN.length);
  });
});
