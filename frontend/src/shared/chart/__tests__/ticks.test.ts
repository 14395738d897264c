import { describe, expect, it } from 'vitest';
import { labelWidth, timeTicks, type TimeTick } from '../ticks';
import { autumn, weekdays } from './samples';

const labels = (ticks: TimeTick[]): string[] => ticks.map((tick) => tick.label);

describe('timeTicks', () => {
  it('marks hours within a session and names the session at its open', () => {
    const ticks = timeTicks(autumn(), { min: 1390, max: 1779 }, 400);

    expect(labels(ticks)).toEqual(['Mon 2 Nov', '11:00', '12:00', '13:00', '14:00', '15:00']);
    expect(ticks[0]?.major).toBe(true);
    expect(ticks[1]?.ordinal).toBe(1390 + 90);
  });

  it('goes down to single minutes', () => {
    expect(labels(timeTicks(autumn(), { min: 1420, max: 1425 }, 800))).toEqual([
      '10:00',
      '10:01',
      '10:02',
      '10:03',
      '10:04',
      '10:05',
    ]);
  });

  it('knows a half day', () => {
    const ticks = timeTicks(autumn(), { min: 2560, max: 2900 }, 700);

    expect(labels(ticks)).toContain('12:00');
    expect(labels(ticks)).not.toContain('13:00');
    expect(labels(ticks)).toContain('Mon 30');
  });

  it('marks days, then weeks, then months, then years as the view widens', () => {
    const sessions = weekdays(1500);
    const view = (days: number) => ({ min: 390 * 10, max: 390 * (10 + days) });

    expect(labels(timeTicks(sessions, view(8), 900))).toContain('17 Jan');
    expect(labels(timeTicks(sessions, view(40), 900))).toContain('29 Jan');
    expect(labels(timeTicks(sessions, view(250), 1200))).toContain('Mar');
    expect(labels(timeTicks(sessions, view(280), 1300))).toContain('2025');
    expect(labels(timeTicks(sessions, view(1400), 500))).toEqual(
      ['2025', '2026', '2027', '2028', '2029'].slice(0, 5),
    );
  });

  it('never lets a label run into the next', () => {
    const sessions = weekdays(1500);
    for (const days of [0.1, 0.5, 1, 3, 5, 9, 21, 60, 130, 252, 700, 1400]) {
      for (const width of [300, 700, 1300]) {
        const view = { min: 1000, max: 1000 + 390 * days };
        const ticks = timeTicks(sessions, view, width);
        const pixels = ticks.map((tick) => ((tick.ordinal - view.min) / (view.max - view.min)) * width);
        const spare = pixels
          .slice(1)
          .map((pixel, place) => pixel - pixels[place]! - labelWidth(ticks[place]!));

        expect(Math.min(...spare, Infinity), `${days} days in ${width} px`).toBeGreaterThanOrEqual(-1e-6);
        expect(ticks.length, `${days} days in ${width} px`).toBeGreaterThan(0);
      }
    }
  });

  it('has nothing to mark without sessions', () => {
    expect(timeTicks(weekdays(0), { min: 0, max: 10 }, 500)).toEqual([]);
  });
});
