import { firstAtOrAfter } from './search';
import type { SessionTable } from './sessions';

/** Longest hole, in trading minutes, that a line may cross: beyond it the line breaks. */
export const LONGEST_BRIDGE = 5;

/**
 * The raw numbers behind a chart: one row per bar, one column per series, NaN where a series has no value.
 *
 * `ordinals` ascend and say where a bar is drawn: at the last minute it covers, since that is when its close was seen.
 */
export interface BarTable {
  /** Minutes in a bar; a day counts as 390. */
  readonly step: number;
  /** When each bar opens, minutes since 1970 UTC. */
  readonly starts: Float64Array;
  readonly ordinals: Float64Array;
  readonly columns: readonly Float64Array[];
}

/** Where bars are drawn: the ordinal of the last minute each covers, within its session. */
export function closingOrdinals(starts: Float64Array, step: number, sessions: SessionTable): Float64Array {
  return starts.map((start) => {
    const ordinal = sessions.ordinalOf(start);
    if (ordinal === null) return NaN;
    const session = sessions.sessionAt(ordinal);
    const end = session ? session.ordinal + session.minutes - 1 : ordinal;
    return Math.min(ordinal + step - 1, end);
  });
}

/** Build a table, leaving out rows that start outside the known sessions. */
export function barTable(
  starts: Float64Array,
  columns: readonly Float64Array[],
  step: number,
  sessions: SessionTable,
): BarTable {
  const ordinals = closingOrdinals(starts, step, sessions);
  const known = (_: number, row: number): boolean => !Number.isNaN(ordinals[row]);
  return {
    step,
    starts: starts.filter(known),
    ordinals: ordinals.filter(known),
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

export const EMPTY_TABLE: BarTable = {
  step: 1,
  starts: new Float64Array(),
  ordinals: new Float64Array(),
  columns: [],
};
