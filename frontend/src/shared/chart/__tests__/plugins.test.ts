import type { Chart } from 'chart.js';
import { describe, expect, it } from 'vitest';
import type { ChartContext } from '../options';
import { endLabels } from '../plugins';
import { symbolStyle } from '../scene';
import { walks, weekdays } from './samples';

interface Drawn {
  ends: readonly number[];
  scales?: readonly ('first' | 'second')[];
}

/** The axes' figures after the layout of a chart of prices from 0 to 300, one pixel each, with lines that end at `ends`. */
function figuresLeft({ ends, scales = [] }: Drawn): string[][] {
  const table = { ...walks(1, ends.length), columns: ends.map((end) => Float64Array.of(end)) };
  const series = ends.map((_, column) => ({
    ...symbolStyle(column),
    label: `S${column}`,
    column,
    width: 2,
    scale: scales[column] ?? ('first' as const),
    endLabel: true,
    dots: 0,
  }));
  const scene = { table, series, sessions: weekdays(1), mode: 'price', pin: null, range: null, marks: [] };
  const context = { scene, palette: {}, frame: { base: null }, gutters: { first: 108, second: 108 } };
  const axis = () => ({
    ticks: [0, 50, 100, 150, 200, 250, 300].map((value) => ({ value, label: String(value) })),
    getPixelForValue: (value: number) => 300 - value,
  });
  const [y, y2] = [axis(), axis()];
  const chart = { scales: { x: { min: 0, max: 1 }, y, y2 }, chartArea: { top: 0, bottom: 300 } };
  endLabels(() => context as unknown as ChartContext).afterLayout?.(
    chart as unknown as Chart<'line'>,
    {},
    {},
  );
  return [y, y2].map(({ ticks }) => ticks.map((tick) => tick.label).filter(Boolean));
}

describe('endLabels', () => {
  it('leave no figure of the axis half behind a name', () => {
    expect(figuresLeft({ ends: [112] })[0]).toEqual(['0', '50', '150', '200', '250', '300']);
    expect(figuresLeft({ ends: [125] })[0]).toEqual(['0', '50', '100', '150', '200', '250', '300']);
  });

  it('count with where names are drawn, not with where their lines end', () => {
    // The second of two names at the same height stands 22 pixels below it.
    expect(figuresLeft({ ends: [125, 125] })[0]).toEqual(['0', '50', '150', '200', '250', '300']);
  });

  it('leave alone the figures of the other axis', () => {
    const [first, second] = figuresLeft({ ends: [100, 200], scales: ['first', 'second'] });

    expect([first?.includes('100'), first?.includes('200')]).toEqual([false, true]);
    expect([second?.includes('100'), second?.includes('200')]).toEqual([true, false]);
  });
});
