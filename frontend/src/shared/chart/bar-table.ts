import { firstAtOrAfter } from './search';
import type { SessionTable } from './sessions';

/** Longest hole, in trading minutes, that a line may cross: beyond it the line breaks. */
export const LONGEST_BRIDGE = 5;

/** The raw numbers behind a chart: one row per bar, one column per series, NaN where a series has no value. */
export interface BarTable {
  /** Minutes in a bar; a day counts as 390. */
  readonly step: number;
  /** The minutes that each bar covers, [start, end), since 1970 UTC. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Where each bar is drawn, ascending. */
  readonly ordinals: Float64Array;
  readonly columns: readonly Float64Array[];
}

/**
 * Build a table of bars that last `step` minutes or to the close of their session. Each is drawn at the last minute it
 * covers, since that is when its close was seen. Rows that start outside the known sessions are left out.
 */
export function barTable(
  starts: Float64Array,
  columns: readonly Float64Array[],
  step: number,
  sessions: SessionTable,
): BarTable {
  const ends = starts.map((start) => {
    const ordinal = sessions.ordinalOf(start);
    const session = ordinal === null ? undefined : sessions.sessionAt(ordinal);
    return session ? Math.min(start + step, session.open + session.minutes) : NaN;
  });
  const known = (_: number, row: number): boolean => !Number.isNaN(ends[row]);
  const knownEnds = ends.filter(known);
  return {
    step,
    starts: starts.filter(known),
    ends: knownEnds,
    ordinals: knownEnds.map((end) => sessions.ordinalOf(end - 1) ?? NaN),
    columns: columns.map((column) => column.filter(known)),
  };
}

/** Rows whose ordinal lies in [min, max], as a half-open range of places. */
export function rowsWithin(table: BarTable, min: number, max: number): [from: number, to: number] {
  return [firstAtOrAfter(table.ordinals, min), firstAtOrAfter(table.ordinals, max + 0.5)];
}

/** Rows after which the data pauses for longer than a line may bridge. */
export function gapsOf(table: BarTable): Int32Array {
  const longest = Math.max(LONGEST_BRIDGE, table.step * 1.5);
  const gaps: number[] = [];
  for (let row = 1; row < table.ordinals.length; row++) {
    if (table.ordinals[row]! - table.ordinals[row - 1]! > longest) gaps.push(row - 1);
  }
  return Int32Array.from(gaps);
}
