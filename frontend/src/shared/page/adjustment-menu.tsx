import { useRef, type JSX } from 'react';
import type { Adjustment } from '../../api/types';
import { ADJUSTMENTS, adjustmentLabel } from './adjustment';

interface AdjustmentMenuProps {
  adjustment: Adjustment;
  onAdjustment: (adjustment: Adjustment) => void;
}

/** Which events prices are adjusted for: the choice in force, and behind it the others, each with a line that explains it. */
export function AdjustmentMenu({ adjustment, onAdjustment }: AdjustmentMenuProps): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const choose = (value: Adjustment): void => {
    if (menu.current) {
      menu.current.open = false;
      menu.current.querySelector('summary')?.focus();
    }
    if (value !== adjustment) onAdjustment(value);
  };
  return (
    <details className="menu" ref={menu}>
      <summary className="segments__item">
        <span className="visually-hidden">Prices: </span>
        {adjustmentLabel(adjustment)}
      </summary>
      <div className="menu__panel options" role="group" aria-label="Prices">
        {ADJUSTMENTS.map(({ value, label, about }) => (
          <button
            key={value}
            type="button"
            className="options__item"
            aria-pressed={value === adjustment}
            onClick={() => choose(value)}
          >
            <b>{label}</b>
            <span>{about}</span>
          </button>
        ))}
      </div>
    </details>
  );
}
