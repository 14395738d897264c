import type { JSX } from 'react';
import type { Mode } from './boot';

const LABELS: readonly [Mode, string, string][] = [
  ['pct', '%', 'Percent since the first visible minute'],
  ['price', 'Price', 'Prices in dollars'],
];

export function ModeSwitch({ mode, onMode }: { mode: Mode; onMode: (mode: Mode) => void }): JSX.Element {
  return (
    <div className="segments segments--joined" role="group" aria-label="Scale">
      {LABELS.map(([value, label, title]) => (
        <button
          key={value}
          type="button"
          className="segments__item"
          aria-pressed={mode === value}
          title={title}
          onClick={() => onMode(value)}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
