import { describe, expect, it } from 'vitest';
import { clock, dateSpan, longDate, newYorkMinutesOfDay, sessionDate } from '../dates';
import { count, direction, percent, points, price } from '../numbers';

describe('numbers', () => {
  it('carry a sign where they are changes, a true minus and thin spaces', () => {
    expect(percent(0.0512)).toBe('+5.12\u00a0%');
    expect(percent(-0.0512, 1)).toBe('\u22125.1\u00a0%');
    expect(points(0.032)).toBe('+3.20\u00a0pt');
    expect(price(1234.5)).toBe('1\u202f234.50');
    expect(price(0.1234)).toBe('0.1234');
    expect(count(15_209)).toBe('15\u202f209');
  });

  it('say nothing of a sign that rounding has removed', () => {
    expect(percent(-0.000_01)).toBe('0.00\u00a0%');
    expect([0.000_01, -0.01, 0.01, NaN].map((value) => direction(value))).toEqual([
      'level',
      'down',
      'up',
      'level',
    ]);
  });

  it('show a dash for what is missing', () => {
    expect([price(NaN), percent(Infinity), count(NaN), points(NaN)]).toEqual(['–', '–', '–', '–']);
  });
});

describe('dates', () => {
  it('are read without a time zone', () => {
    expect(longDate('2026-11-04')).toBe('Wed 4 Nov');
    expect(longDate('2024-02-29', true)).toBe('Thu 29 Feb 2024');
    expect(() => sessionDate('soon')).toThrow('not a date');
  });

  it('say a shared year once', () => {
    expect(dateSpan('2026-10-01', '2026-11-24')).toBe('1 Oct – 24 Nov 2026');
    expect(dateSpan('2025-10-01', '2026-11-24')).toBe('1 Oct 2025 – 24 Nov 2026');
    expect(dateSpan('2026-11-24', '2026-11-24')).toBe('Tue 24 Nov 2026');
  });

  it('tell New York time in summer and winter, whatever zone the browser is in', () => {
    expect(newYorkMinutesOfDay(Date.parse('2026-07-01T13:30Z') / 60_000)).toBe(570);
    expect(newYorkMinutesOfDay(Date.parse('2026-12-01T14:30Z') / 60_000)).toBe(570);
    expect(clock(622)).toBe('10:22');
  });
});
