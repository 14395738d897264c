import { describe, expect, it } from 'vitest';
import type { BarTable } from '../bar-table';
import { Pyramid } from '../lod';
import { noise, walks } from './samples';

function extremesOf(table: BarTable, rows: Int32Array | number[]): number[][] {
  return table.columns.map((column) => {
    const values = [...rows].map((row) => column[row]!);
    return [Math.min(...values), Math.max(...values)];
  });
}

describe('Pyramid', () => {
  it('draws every row while they fit', () => {
    const pyramid = new Pyramid(walks(500, 2));

    expect([...pyramid.rows(10, 15, 100)]).toEqual([10, 11, 12, 13, 14]);
    expect([...pyramid.rows(5, 5, 100)]).toEqual([]);
  });

  it('stays within the budget and keeps the ends, at any zoom', () => {
    const pyramid = new Pyramid(walks(50_000, 3));
    const random = noise(7);

    for (let round = 0; round < 200; round++) {
      const from = Math.floor(random() * 40_000);
      const to = from + 1 + Math.floor(random() * 9_999);
      const rows = pyramid.rows(from, to, 900);

      expect(rows.length).toBeLessThanOrEqual(902);
      expect([rows[0], rows.at(-1)]).toEqual([from, to - 1]);
    }
  });

  it('keeps each series’ lowest and highest value of a view made of whole buckets', () => {
    const table = walks(32_768, 4);
    const pyramid = new Pyramid(table);
    const all = Array.from({ length: 16_384 }, (_, place) => 8192 + place);

    expect(extremesOf(table, pyramid.rows(8192, 24_576, 600))).toEqual(extremesOf(table, all));
  });

  it('keeps rows ascending and without repeats', () => {
    const rows = [...new Pyramid(walks(10_000, 2)).rows(123, 9_876, 500)];

    expect(rows).toEqual([...new Set(rows)].sort((left, right) => left - right));
  });

  it('skips missing values when it looks for extremes', () => {
    const table = walks(1000, 1);
    table.columns[0]?.fill(NaN, 100, 200);
    const rows = [...new Pyramid(table).rows(0, 1000, 200)].filter((row) => row !== 0 && row !== 999);

    expect(rows.filter((row) => row >= 100 && row < 200)).toEqual([]);
  });

  it('breaks the line where the data pauses, once the hole can be seen', () => {
    const table = walks(100, 1);
    const late = table.ordinals.map((ordinal) =>
      ordinal >= 50 ? ordinal + 30 : ordinal >= 20 ? ordinal + 4 : ordinal,
    );
    const pyramid = new Pyramid({ ...table, ordinals: late });

    expect([...pyramid.breaks(0, 100, 10)]).toEqual([49]);
    expect([...pyramid.breaks(0, 100, 100)]).toEqual([]);
    expect([...pyramid.breaks(60, 100, 10)]).toEqual([]);
  });

  it('draws few points of half a million', () => {
    const pyramid = new Pyramid(walks(500_000, 2));

    expect(pyramid.rows(0, 500_000, 3600).length).toBeLessThanOrEqual(3602);
  });
});
