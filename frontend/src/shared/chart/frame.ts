import { rowsWithin, type BarTable } from './bar-table';
import type { Pyramid } from './lod';
import { baseRow, baseValues, cumulativeReturn } from './rebase';
import type { Pin, Scene, SeriesStyle } from './scene';
import type { View } from './view';

export interface Point {
  x: number;
  y: number;
}

export interface Extent {
  min: number;
  max: number;
}

/** One drawing of a scene: points by series, bars of the range, and the scale of each axis. */
export interface Frame {
  lines: Point[][];
  ranges: { x: number; low: number; high: number }[];
  first: Extent;
  second: Extent;
  /** Nothing to draw: the scales mean nothing either. */
  isEmpty: boolean;
  base: Pin | null;
}

/** What values are divided by in percent mode: the pin, else the first visible row that has them all. */
export function baseOf(table: BarTable, view: View, pin: Pin | null): Pin | null {
  if (pin) return pin;
  const row = baseRow(table, view.min);
  return row < 0 ? null : { ordinal: table.ordinals[row]!, values: baseValues(table, row) };
}

/** Values as they are drawn: prices, or fractions since the base. */
export function drawnValue(scene: Scene, base: Pin | null, column: number, row: number): number {
  const value = scene.table.columns[column]?.[row] ?? NaN;
  return scene.mode === 'percent' ? cumulativeReturn(value, base?.values[column] ?? NaN) : value;
}

/** Compute what to draw of a view with about `budget` points a series, `width` pixels wide. */
export function frameOf(scene: Scene, pyramid: Pyramid, view: View, width: number, budget: number): Frame {
  const { table } = scene;
  const base = scene.mode === 'percent' ? baseOf(table, view, scene.pin) : null;
  const [from, to] = rowsWithin(table, view.min, view.max);
  // One row beyond each edge, so that lines run off the chart instead of ending short of it; but a view that begins
  // with a session does not show the jump from the day before.
  const session = scene.sessions.sessionAt(view.min);
  const isWithin = from > 0 && session !== undefined && table.ordinals[from - 1]! >= session.ordinal;
  const rows = pyramid.rows(isWithin ? from - 1 : from, Math.min(table.ordinals.length, to + 1), budget);
  const breaks = pyramid.breaks(from - 1, to, (view.max - view.min) / Math.max(width, 1));
  const value = (column: number, row: number): number => drawnValue(scene, base, column, row);
  const lines = scene.series.map((series) =>
    pointsOf(table, rows, breaks, (row) => value(series.column, row)),
  );
  const { range } = scene;
  const ranges = range
    ? Array.from(rows, (row) => ({
        x: table.ordinals[row]!,
        low: value(range.low, row),
        high: value(range.high, row),
      }))
    : [];
  const extentOn = (scale: SeriesStyle['scale']): Extent =>
    padded(
      extentOf(
        lines.filter((_, place) => scene.series[place]?.scale === scale),
        scale === 'first' ? ranges : [],
      ),
    );
  return {
    lines,
    ranges,
    first: extentOn('first'),
    second: extentOn('second'),
    isEmpty: rows.length === 0,
    base,
  };
}

/** Points at `rows`, with a NaN between two rows that enclose a break. Rows and breaks ascend. */
function pointsOf(
  table: BarTable,
  rows: Int32Array,
  breaks: Int32Array,
  value: (row: number) => number,
): Point[] {
  const points: Point[] = [];
  let next = 0;
  for (const row of rows) {
    const before = next;
    while (next < breaks.length && breaks[next]! < row) next++;
    if (next > before && points.length > 0)
      points.push({ x: table.ordinals[breaks[next - 1]!]! + 1, y: NaN });
    points.push({ x: table.ordinals[row]!, y: value(row) });
  }
  return points;
}

function extentOf(lines: readonly Point[][], ranges: Frame['ranges']): Extent {
  let min = Infinity;
  let max = -Infinity;
  const include = (value: number): void => {
    if (value < min) min = value;
    if (value > max) max = value;
  };
  for (const line of lines) for (const { y } of line) include(y);
  for (const { low, high } of ranges) {
    include(low);
    include(high);
  }
  return { min, max };
}

/** Air above and below the lines; a flat or empty chart still gets a scale. */
function padded({ min, max }: Extent): Extent {
  if (min > max) return { min: 0, max: 1 };
  const air = max > min ? (max - min) * 0.07 : Math.abs(max) * 0.01 || 0.01;
  return { min: min - air, max: max + air };
}
