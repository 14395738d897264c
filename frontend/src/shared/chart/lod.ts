import { gapsOf, type BarTable } from './bar-table';
import { firstAtOrAfter } from './search';

const SMALLEST_BUCKET = 4;
const GROWTH = 2;

/** One level: for each bucket of `size` rows, the rows where some series is lowest or highest, ascending. */
interface Level {
  size: number;
  /** Kept rows of bucket b are kept[offsets[b] … offsets[b + 1]). */
  offsets: Int32Array;
  kept: Int32Array;
}

/**
 * Levels of detail over one table.
 *
 * All series share the kept rows, so that two points above each other are always the same minute. Buckets are
 * counted from the table's first row, not from the view, so that points do not flicker while panning.
 */
export class Pyramid {
  readonly table: BarTable;
  private readonly gaps: Int32Array;
  private readonly levels: Level[] = [];

  constructor(table: BarTable) {
    this.table = table;
    this.gaps = gapsOf(table);
    for (let size = SMALLEST_BUCKET; size < table.ordinals.length; size *= GROWTH) {
      this.levels.push(buildLevel(table, size));
    }
  }

  /** Rows to draw for places [from, to): all of them when at most `budget`, else about `budget`, ends included. */
  rows(from: number, to: number, budget: number): Int32Array {
    if (to - from <= budget)
      return Int32Array.from({ length: Math.max(0, to - from) }, (_, place) => from + place);
    const level =
      this.levels.find((candidate) => keptWithin(candidate, from, to) <= budget) ?? this.levels.at(-1);
    if (!level) return new Int32Array();
    const kept = level.kept.subarray(
      firstAtOrAfter(level.kept, from + 1),
      firstAtOrAfter(level.kept, to - 1),
    );
    return withEnds(kept, from, to - 1);
  }

  /** Rows in [from, to), ascending, after which the line must break: the hole is at least `minWidth` ordinals wide. */
  breaks(from: number, to: number, minWidth: number): Int32Array {
    const { ordinals } = this.table;
    const inside = this.gaps.subarray(firstAtOrAfter(this.gaps, from), firstAtOrAfter(this.gaps, to));
    const wide = (row: number): boolean => ordinals[row + 1]! - ordinals[row]! >= minWidth;
    return inside.filter(wide);
  }
}

function keptWithin(level: Level, from: number, to: number): number {
  const first = Math.floor(from / level.size);
  const last = Math.ceil(to / level.size);
  return level.offsets[Math.min(last, level.offsets.length - 1)]! - level.offsets[first]!;
}

function withEnds(rows: Int32Array, first: number, last: number): Int32Array {
  const all = new Int32Array(rows.length + 2);
  all[0] = first;
  all.set(rows, 1);
  all[all.length - 1] = last;
  return all;
}

function buildLevel(table: BarTable, size: number): Level {
  const rows = table.ordinals.length;
  const buckets = Math.ceil(rows / size);
  const offsets = new Int32Array(buckets + 1);
  const kept: number[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = bucket * size;
    kept.push(...extremes(table, from, Math.min(from + size, rows)));
    offsets[bucket + 1] = kept.length;
  }
  return { size, offsets, kept: Int32Array.from(kept) };
}

/** The places of every series' lowest and highest value in [from, to), ascending and without repeats. */
function extremes(table: BarTable, from: number, to: number): number[] {
  const places = new Set<number>();
  for (const column of table.columns) {
    let lowest = -1;
    let highest = -1;
    for (let row = from; row < to; row++) {
      const value = column[row]!;
      if (Number.isNaN(value)) continue;
      if (lowest < 0 || value < column[lowest]!) lowest = row;
      if (highest < 0 || value > column[highest]!) highest = row;
    }
    if (lowest >= 0) places.add(lowest).add(highest);
  }
  return [...places].sort((left, right) => left - right);
}
