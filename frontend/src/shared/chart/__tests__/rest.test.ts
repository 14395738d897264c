import { describe, expect, it } from 'vitest';
import { barTable, rowsWithin } from '../bar-table';
import { spreadLabels } from '../labels';
import { baseRow, baseValues, cumulativeReturn, lastRowWithin } from '../rebase';
import { firstAtOrAfter, nearest } from '../search';
import { clampView, panView, revealInView, zoomView } from '../view';
import { autumn, walks } from './samples';

const OPEN = Date.parse('2026-11-27T14:30Z') / 60_000;

describe('barTable', () => {
  it('draws a bar at the last minute it covers, within its session', () => {
    const starts = Float64Array.of(OPEN, OPEN + 195, OPEN + 210);
    const table = barTable(starts, [Float64Array.of(1, 2, 3)], 60, autumn());

    expect([...table.ordinals]).toEqual([2560 + 59, 2560 + 209]);
    expect(table.columns.map((column) => [...column])).toEqual([[1, 2]]);
  });

  it('finds the rows of a view, both ends included', () => {
    expect(rowsWithin(walks(100, 1), 10, 19)).toEqual([10, 20]);
  });
});

describe('search', () => {
  it('finds the first value at or after, and the nearest', () => {
    expect(firstAtOrAfter([1, 3, 5], 4)).toBe(2);
    expect(firstAtOrAfter([1, 3, 5], 9)).toBe(3);
    expect([0, 2, 3.9, 4.1, 9].map((wanted) => nearest([1, 3, 5], wanted))).toEqual([0, 0, 1, 2, 2]);
    expect(nearest([], 4)).toBe(-1);
  });
});

describe('rebasing', () => {
  it('starts at the first minute that every series has', () => {
    const table = walks(10, 2);
    table.columns[1]?.fill(NaN, 0, 4);

    expect(baseRow(table, 1)).toBe(4);
    expect(baseRow(table, 6)).toBe(6);
    expect(baseRow(table, 11)).toBe(-1);
    expect(baseValues(table, -1)).toEqual([NaN, NaN]);
  });

  it('is zero at the base', () => {
    expect(cumulativeReturn(272.31, 272.31)).toBe(0);
    expect(cumulativeReturn(110, 100)).toBeCloseTo(0.1);
  });

  it('reads the last value inside the view, not the last row', () => {
    const table = walks(10, 1);
    table.columns[0]?.fill(NaN, 6);

    expect(lastRowWithin(table, 0, 2, 8)).toBe(5);
    expect(lastRowWithin(table, 0, 7, 8)).toBe(-1);
  });
});

describe('views', () => {
  const bounds = { min: 0, max: 1000 };

  it('stay inside their bounds', () => {
    expect(clampView({ min: -50, max: 50 }, bounds)).toEqual({ min: 0, max: 100 });
    expect(clampView({ min: 950, max: 1050 }, bounds)).toEqual({ min: 900, max: 1000 });
    expect(clampView({ min: -500, max: 5000 }, bounds)).toEqual(bounds);
    expect(clampView({ min: 5, max: 6 }, { min: 0, max: 4 })).toEqual({ min: 0, max: 4 });
  });

  it('zoom about the pointer', () => {
    expect(zoomView({ min: 0, max: 400 }, 0.5, 100, bounds)).toEqual({ min: 50, max: 250 });
    expect(zoomView({ min: 0, max: 400 }, 1e-9, 100, bounds).max).toBeCloseTo(107.5);
  });

  it('pan and reveal without changing their span', () => {
    expect(panView({ min: 0, max: 100 }, -10, bounds)).toEqual({ min: 0, max: 100 });
    expect(revealInView({ min: 100, max: 200 }, 250, bounds)).toEqual({ min: 150, max: 250 });
    expect(revealInView({ min: 100, max: 200 }, 50, bounds)).toEqual({ min: 50, max: 150 });
    expect(revealInView({ min: 100, max: 200 }, 150, bounds)).toEqual({ min: 100, max: 200 });
  });
});

describe('spreadLabels', () => {
  it('leaves labels that are apart and parts those that are not', () => {
    expect(spreadLabels([50, 150], 20, 0, 300)).toEqual([50, 150]);
    expect(spreadLabels([100, 95], 20, 0, 300)).toEqual([115, 95]);
  });

  it('pushes back from the edges', () => {
    expect(spreadLabels([295, 290, 1], 20, 0, 300)).toEqual([290, 270, 10]);
  });
});
