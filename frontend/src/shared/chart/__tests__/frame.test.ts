import { describe, expect, it } from 'vitest';
import { frameOf } from '../frame';
import { Pyramid } from '../lod';
import { barTime, readoutRow } from '../readout';
import { barTable } from '../bar-table';
import { symbolStyle, type Scene, type SeriesStyle } from '../scene';
import { ChartStore } from '../store';
import { autumn, walks, weekdays } from './samples';

const line = (column: number, more: Partial<SeriesStyle> = {}): SeriesStyle => ({
  ...symbolStyle(column),
  label: `S${column}`,
  column,
  width: 2,
  scale: 'first',
  endLabel: true,
  dots: 0,
  ...more,
});

const scene = (more: Partial<Scene> = {}): Scene => ({
  table: walks(1000, 2),
  sessions: weekdays(10),
  series: [line(0), line(1)],
  mode: 'percent',
  pin: null,
  range: null,
  marks: [],
  summary: '',
  ...more,
});

const draw = (shown: Scene, view = { min: 100, max: 300 }) =>
  frameOf(shown, new Pyramid(shown.table), view, 800, 2400);

describe('frameOf', () => {
  it('starts every line at zero percent at the first visible minute', () => {
    const { lines, base } = draw(scene());

    expect(base?.ordinal).toBe(100);
    expect(lines.map((points) => points.find((point) => point.x === 100)?.y)).toEqual([0, 0]);
  });

  it('counts from the pin wherever it looks', () => {
    const { lines } = draw(scene({ pin: { ordinal: 0, values: [50, 50] } }));
    const value = scene().table.columns[0]?.[200] ?? NaN;

    expect(lines[0]?.find((point) => point.x === 200)?.y).toBeCloseTo(value / 50 - 1);
  });

  it('draws one row beyond each edge', () => {
    const xs = draw(scene()).lines[0]?.map((point) => point.x);

    expect([xs?.[0], xs?.at(-1)]).toEqual([99, 301]);
  });

  it('shows nothing of the day before when the view begins with a session', () => {
    const xs = draw(scene(), { min: 390, max: 500 }).lines[0]?.map((point) => point.x);

    expect(xs?.[0]).toBe(390);
  });

  it('scales each axis to its own series, with air', () => {
    const table = {
      ...walks(10, 1),
      columns: [new Float64Array(10).fill(10), new Float64Array(10).fill(500)],
    };
    const shown = scene({ table, mode: 'price', series: [line(0), line(1, { scale: 'second' })] });
    const { first, second } = draw(shown, { min: 0, max: 9 });

    expect([first.min, first.max].map(Math.round)).toEqual([10, 10]);
    expect(first.max).toBeGreaterThan(first.min);
    expect([second.min, second.max]).toEqual([495, 505]);
  });

  it('takes the bars of the range into the scale', () => {
    const table = {
      ...walks(3, 1),
      columns: [
        [5, 6, 7],
        [1, 2, 3],
        [9, 8, 30],
      ].map((column) => Float64Array.from(column)),
    };
    const shown = scene({
      table,
      mode: 'price',
      series: [line(0)],
      range: { low: 1, high: 2, color: 'muted' },
    });
    const { first, ranges } = draw(shown, { min: 0, max: 2 });

    expect(ranges[1]).toEqual({ x: 1, low: 2, high: 8 });
    expect(first.min).toBeLessThan(1);
    expect(first.max).toBeGreaterThan(30);
  });

  it('breaks the line at a hole of more than five minutes', () => {
    const table = walks(20, 1);
    const ordinals = table.ordinals.map((ordinal) => (ordinal < 10 ? ordinal : ordinal + 6));
    const points = draw(scene({ table: { ...table, ordinals }, series: [line(0)] }), { min: 0, max: 40 })
      .lines[0];

    expect(points?.filter((point) => Number.isNaN(point.y)).map((point) => point.x)).toEqual([10]);
  });

  it('has a scale even for nothing', () => {
    expect(draw(scene({ table: walks(0, 2) })).first).toEqual({ min: 0, max: 1 });
  });
});

describe('the readout', () => {
  const open = Date.parse('2026-11-02T14:30Z') / 60_000;
  const one = barTable(Float64Array.of(open, open + 52), [Float64Array.of(1, 2)], 1, autumn());

  it('reads the bar at the cursor, or the last one in view', () => {
    expect(readoutRow(one, 1391, { min: 1390, max: 1500 })).toBe(0);
    expect(readoutRow(one, null, { min: 1390, max: 1500 })).toBe(1);
    expect(readoutRow(one, null, { min: 1500, max: 1600 })).toBe(-1);
  });

  it('says which minutes a bar covers', () => {
    const hour = barTable(Float64Array.of(open + 30), [Float64Array.of(1)], 60, autumn());
    const day = barTable(Float64Array.of(open), [Float64Array.of(1)], 390, autumn());

    expect(barTime(one, 1, autumn())).toBe('Mon 2 Nov, 10:22 ET');
    expect(barTime(hour, 0, autumn())).toBe('Mon 2 Nov, 10:00–11:00 ET');
    expect(barTime(day, 0, autumn(), true)).toBe('Mon 2 Nov 2026');
    expect(barTime(one, -1, autumn())).toBe('');
  });
});

describe('ChartStore', () => {
  it('tells its listeners about each change, once', () => {
    const store = new ChartStore({ min: 0, max: 1000 });
    let calls = 0;
    const stop = store.subscribe(() => (calls += 1));

    store.setView({ min: 0, max: 100 });
    store.setView({ min: 0, max: 100 });
    store.setCursor(5);
    store.setCursor(5);
    stop();
    store.setCursor(6);

    expect(calls).toBe(2);
  });

  it('settles after a gesture, and at once otherwise', () => {
    const store = new ChartStore({ min: 0, max: 1000 });

    store.setView({ min: 0, max: 100 }, { gesture: true });
    expect(store.isMoving()).toBe(true);
    expect(store.settledView()).toEqual({ min: 0, max: 1000 });

    store.setView({ min: 0, max: 200 });
    expect(store.isMoving()).toBe(false);
    expect(store.settledView()).toEqual({ min: 0, max: 200 });
  });

  it('goes home on reset, and stays when only its reach grows', () => {
    const store = new ChartStore({ min: 0, max: 1000 }, { min: 500, max: 1000 });
    store.setView({ min: 600, max: 700 });

    store.setBounds({ min: -5000, max: 1000 }, { min: 500, max: 1000 });
    expect(store.view()).toEqual({ min: 600, max: 700 });

    store.reset();
    expect(store.view()).toEqual({ min: 500, max: 1000 });
    expect(store.isHome()).toBe(true);
  });
});
