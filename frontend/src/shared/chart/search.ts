/** The first place in an ascending array whose value is ≥ `wanted`; its length when there is none. */
export function firstAtOrAfter(values: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the value closest to `wanted`; −1 in an empty array. Ties go to the earlier one. */
export function nearest(values: ArrayLike<number>, wanted: number): number {
  const after = firstAtOrAfter(values, wanted);
  if (after === 0) return values.length === 0 ? -1 : 0;
  if (after === values.length) return after - 1;
  const below = wanted - values[after - 1]!;
  return below <= values[after]! - wanted ? after - 1 : after;
}
