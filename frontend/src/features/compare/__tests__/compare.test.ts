import { describe, expect, it } from 'vitest';
import { eventMarks } from '../../../shared/chart/events';
import type { Comparison, Timeframe } from '../../../api/types';
import { autumn, weekdays } from '../../../shared/chart/__tests__/samples';
import { compareScene } from '../compare-scene';
import { changesIn, findingSentence, minutesIn, summaryOf } from '../finding';
import { detailDates, layerOf, pickLayer, suffices, type Layer } from '../layers';

const OPEN = Date.parse('2026-10-30T13:30Z') / 60_000;

function comparison(timeframe: Timeframe, starts: number[], more: Partial<Comparison> = {}): Comparison {
  const deltas = starts.map((start, row) => start - (starts[row - 1] ?? 0));
  const close = (first: number) => ({ scale: 2, deltas: starts.map((_, row) => (row === 0 ? first : 100)) });
  return {
    symbols: ['AAPL', 'MSFT'],
    timeframe,
    base: { bar_start: new Date(OPEN * 60_000).toISOString(), session: '2026-10-30' },
    last: { bar_start: '', session: '2026-11-30' },
    matched_minutes: 780,
    missing_minutes: {},
    rows: starts.length,
    columns: { bar_start: { scale: 0, deltas }, AAPL: close(10_000), MSFT: close(50_000) },
    series: [
      { symbol: 'AAPL', first_close: 99, last_close: 0, cumulative_return: 0 },
      { symbol: 'MSFT', first_close: 499, last_close: 0, cumulative_return: 0 },
    ],
    provenance: {} as Comparison['provenance'],
    ...more,
  };
}

const october = { from: '2026-10-30', to: '2026-11-02' };
const layer = (timeframe: Timeframe, starts: number[]): Layer =>
  layerOf(comparison(timeframe, starts), october, autumn())!;

describe('layerOf', () => {
  it('covers the sessions of its dates', () => {
    expect(layer('1min', [OPEN, OPEN + 1]).coverage).toEqual({ min: 1000, max: 1779 });
    expect(layerOf(comparison('1min', []), { from: '2027-01-01', to: '2027-02-01' }, autumn())).toBeNull();
  });

  it('puts the base minute in front of longer bars, so that percent counts from its close', () => {
    const { table } = layer('1hour', [OPEN, OPEN + 60]);

    expect([...table.ordinals]).toEqual([1000, 1059, 1119]);
    expect(table.columns.map((column) => [...column])).toEqual([
      [99, 100, 101],
      [499, 500, 501],
    ]);
  });

  it('leaves minutes as they are', () => {
    expect([...layer('1min', [OPEN, OPEN + 1]).table.ordinals]).toEqual([1000, 1001]);
  });
});

describe('choosing among layers', () => {
  const hours = layer('1hour', [OPEN, OPEN + 60]);
  const minutes = { ...layer('1min', [OPEN, OPEN + 1]), coverage: { min: 1000, max: 1389 } };

  it('takes the finest that covers the view, else the one that reaches furthest into it', () => {
    expect(pickLayer([hours, minutes], { min: 1000, max: 1100 })).toBe(minutes);
    expect(pickLayer([hours, minutes], { min: 1300, max: 1500 })).toBe(hours);
    expect(pickLayer([], { min: 0, max: 1 })).toBeUndefined();
  });

  it('wants minutes for a view that minutes can fill, and bars enough for a wide one', () => {
    expect(suffices(minutes, { min: 1000, max: 1300 })).toBe(true);
    expect(suffices(minutes, { min: 1000, max: 1500 })).toBe(false);
    expect(suffices(hours, { min: 1000, max: 1500 })).toBe(false);
    expect(suffices({ ...hours, coverage: { min: 0, max: 100_000 } }, { min: 0, max: 90_000 })).toBe(true);
  });

  it('asks for a view and as much again on both sides, within the data', () => {
    const sessions = weekdays(200);
    const whole = { min: 0, max: 78_000 };
    const dates = (from: number, to: number) =>
      detailDates({ min: 390 * from, max: 390 * to - 1 }, sessions, whole);
    const at = (place: number) => sessions.sessions[place]?.session;

    expect(dates(50, 55)).toEqual({ from: at(45), to: at(59) });
    expect(dates(0, 5)).toEqual({ from: at(0), to: at(9) });
    expect(dates(100, 130)).toEqual({ from: at(100), to: at(129) });
  });
});

describe('the finding', () => {
  const changes = [
    { symbol: 'AAPL', value: 0.0192 },
    { symbol: 'MSFT', value: 0.0514 },
  ];

  it('says who leads, by how much, since when and over how many minutes, as the server does', () => {
    expect(findingSentence(changes, '1 Oct', 15_209)).toBe(
      'MSFT leads by 3.2 points since 1 Oct (+5.1\u00a0% against +1.9\u00a0%, 15\u202f209 minutes)',
    );
  });

  it('names the others when there are several, and leaves out what it does not know', () => {
    expect(findingSentence([...changes, { symbol: 'NVDA', value: -0.01 }], '1 Oct', null)).toBe(
      'MSFT leads by 3.2 points since 1 Oct (+5.1\u00a0% against AAPL +1.9\u00a0%, NVDA \u22121.0\u00a0%)',
    );
    expect(findingSentence(changes.slice(1), '1 Oct', null)).toBe(
      'There is nothing to compare in this view.',
    );
  });

  it('calls a lead that rounds to nothing level', () => {
    const level = changes.map((change) => ({ ...change, value: 0.01 }));

    expect(findingSentence(level, '1 Oct', null)).toContain('AAPL and MSFT are level since 1 Oct');
  });

  it('is taken from what is visible', () => {
    const { table } = layer('1min', [OPEN, OPEN + 1, OPEN + 2]);
    const view = { min: 1001, max: 1002 };

    expect(changesIn(table, ['AAPL', 'MSFT'], view, null).map(({ value }) => value)).toEqual([
      102 / 101 - 1,
      502 / 501 - 1,
    ]);
    expect(minutesIn(table, view)).toBe(2);
    expect(summaryOf(changes, '2026-10-30', '2026-11-02')).toContain('AAPL +1.9\u00a0%, MSFT +5.1\u00a0%');
  });
});

describe('compareScene', () => {
  const { table } = layer('1min', [OPEN, OPEN + 1]);
  const split = { symbol: 'AAPL', session: '2026-11-02', kind: 'split', value: 4 };
  const marks = eventMarks([split], autumn());
  const scene = (mode: 'pct' | 'price', hidden: string[] = []) =>
    compareScene({
      table,
      sessions: autumn(),
      symbols: ['AAPL', 'MSFT'],
      hidden: new Set(hidden),
      mode,
      pin: null,
      marks,
      summary: '',
    });

  it('gives two far prices a scale each, and percent one', () => {
    expect(scene('price').series.map((series) => series.scale)).toEqual(['first', 'second']);
    expect(scene('pct').series.map((series) => series.scale)).toEqual(['first', 'first']);
    expect(scene('price', ['AAPL']).series.map((series) => series.scale)).toEqual(['first']);
  });

  it('marks the splits of the symbols that are shown', () => {
    expect(scene('pct').marks).toEqual(marks);
    expect(scene('pct', ['AAPL']).marks).toEqual([]);
  });

  it('keeps a symbol’s colour when another one is hidden', () => {
    expect(scene('pct', ['AAPL']).series.map((series) => series.color)).toEqual(['series-2']);
  });
});
