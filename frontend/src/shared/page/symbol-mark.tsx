import type { JSX } from 'react';
import type { ColorToken } from '../chart/palette';
import { DASHES, symbolStyle } from '../chart/scene';

type SymbolMarkProps = { dash?: readonly number[] } & (
  { place: number; token?: never } | { token: ColorToken; place?: never }
);

/** A stroke of a line, in its colour and dash pattern: of the symbol at a place, or of any colour. */
export function SymbolMark({ place, token, dash }: SymbolMarkProps): JSX.Element {
  const color = token ?? symbolStyle(place).color;
  const pattern = dash ?? DASHES[(place ?? 0) % DASHES.length] ?? [];
  return (
    <svg className="mark" data-color={color} viewBox="0 0 22 10" width="22" height="10" aria-hidden="true">
      <line x1="1" y1="5" x2="21" y2="5" strokeDasharray={pattern.join(' ') || undefined} />
    </svg>
  );
}
