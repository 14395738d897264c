/**
 * Move labels apart so that none overlap, each as near to its wanted centre as its neighbours allow.
 * Returns centres in the order given, within [low, high] where they fit.
 */
export function spreadLabels(wanted: readonly number[], height: number, low: number, high: number): number[] {
  const order = wanted.map((_, place) => place).sort((left, right) => wantedAt(left) - wantedAt(right));
  const centres = [...wanted];
  function wantedAt(place: number): number {
    return wanted[place] ?? 0;
  }

  let floor = low + height / 2;
  for (const place of order) {
    centres[place] = Math.max(wantedAt(place), floor);
    floor = centres[place] + height;
  }
  let ceiling = high - height / 2;
  for (const place of order.reverse()) {
    centres[place] = Math.min(centres[place]!, ceiling);
    ceiling = centres[place] - height;
  }
  return centres;
}
