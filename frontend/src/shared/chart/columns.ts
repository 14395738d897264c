/** A column as the API sends it: running sums of `deltas`, divided by 10^scale; `nulls` are runs of rows without one. */
export interface DeltaColumn {
  scale: number;
  deltas: readonly number[];
  /** Runs of [first row, length]. */
  nulls?: readonly (readonly number[])[] | undefined;
}

/** The column's values; NaN where it is null. */
export function decodeColumn(column: DeltaColumn, rows: number): Float64Array {
  const values = new Float64Array(rows);
  for (const [start = 0, length = 0] of column.nulls ?? []) values.fill(NaN, start, start + length);
  const divisor = 10 ** column.scale;
  let sum = 0;
  let next = 0;
  for (let row = 0; row < rows; row++) {
    if (Number.isNaN(values[row])) continue;
    const delta = column.deltas[next++];
    if (delta === undefined) throw new Error(`The column ends after ${next - 1} of its values.`);
    sum += delta;
    values[row] = sum / divisor;
  }
  if (next !== column.deltas.length) throw new Error('The column holds more values than rows.');
  return values;
}
