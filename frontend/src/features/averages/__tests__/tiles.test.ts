import { describe, expect, it } from 'vitest';
import type { Tile, TileReference } from '../../../api/types';
import { autumn, weekdays } from '../../../shared/chart/__tests__/samples';
import { AVERAGES } from '../names';
import { MOST_MONTHS, decodeTile, joinMonths, tilesInView } from '../tiles';

const OPEN = Date.parse('2026-11-02T14:30Z') / 60_000;

function tile(start: number): Tile {
  const warming = { scale: 2, deltas: [150], nulls: [[0, 1]] };
  const averages = Object.fromEntries(AVERAGES.map(({ name }) => [name, warming]));
  const columns = { bar_start: { scale: 0, deltas: [start, 1] }, close: { scale: 2, deltas: [100, 100] } };
  return {
    rows: 2,
    columns: { ...columns, ...averages },
    provenance: { synthetic: true },
  } as unknown as Tile;
}

describe('tiles', () => {
  it('leave an average out while it warms up', () => {
    const table = joinMonths([decodeTile(tile(OPEN))], autumn());

    expect([...table.columns[0]!]).toEqual([1, 2]);
    expect([...table.columns[1]!]).toEqual([NaN, 1.5]);
    expect(table.columns).toHaveLength(1 + AVERAGES.length);
  });

  it('join month after month', () => {
    const table = joinMonths([decodeTile(tile(OPEN)), decodeTile(tile(OPEN + 1440))], autumn());

    expect([...table.ordinals]).toEqual([1390, 1391, 1780, 1781]);
  });

  it('say which column they lack', () => {
    expect(() => decodeTile({ ...tile(OPEN), columns: {} })).toThrow('no column bar_start');
  });

  it('are those of the months in view, the newest when there are too many', () => {
    const sessions = weekdays(1500);
    const months = sessions.sessions.map(({ session }) => session.slice(0, 7));
    const references = [...new Set(months)].map((month) => ({ month, url: month }) as TileReference);
    const monthsOf = (min: number, max: number) =>
      tilesInView(references, { min, max }, sessions).map(({ month }) => month);

    expect(monthsOf(390 * 20, 390 * 25)).toEqual(['2024-01', '2024-02']);
    expect(monthsOf(0, 390 * 1500)).toHaveLength(MOST_MONTHS);
  });
});
