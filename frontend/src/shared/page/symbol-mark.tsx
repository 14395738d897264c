import type { JSX } from 'react';
import { DASHES } from '../chart/scene';

/** A stroke of the series' line: its colour and its dash pattern. */
export function SymbolMark({ place, dash }: { place: number; dash?: readonly number[] }): JSX.Element {
  const pattern = dash ?? DASHES[place % DASHES.length] ?? [];
  return (
    <svg
      className="mark"
      data-series={(place % DASHES.length) + 1}
      viewBox="0 0 22 10"
      width="22"
      height="10"
      aria-hidden="true"
    >
      <line x1="1" y1="5" x2="21" y2="5" strokeDasharray={pattern.join(' ') || undefined} />
    </svg>
  );
}
