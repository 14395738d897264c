const MOST = 8;

/** The symbols that begin with what was typed, then those that contain it; taken ones left out. */
export function matchingSymbols<T extends { symbol: string }>(
  entries: readonly T[],
  typed: string,
  taken: readonly string[],
): T[] {
  const wanted = typed.trim().toUpperCase();
  const free = entries.filter(({ symbol }) => !taken.includes(symbol) && symbol.includes(wanted));
  const begins = free.filter(({ symbol }) => symbol.startsWith(wanted));
  return [...begins, ...free.filter((entry) => !begins.includes(entry))].slice(0, MOST);
}
