import type { JSX } from 'react';
import { direction, percent } from '../../shared/text/numbers';
import { SymbolMark } from '../../shared/page/symbol-mark';
import type { Change } from './finding';

interface ChipsProps {
  changes: readonly Change[];
  hidden: ReadonlySet<string>;
  /** A comparison keeps at least two symbols, so with two none can be removed. */
  onRemove: ((symbol: string) => void) | null;
  onToggle: (symbol: string) => void;
}

/** The legend: mark, symbol and change over what is visible. A click hides a line, × removes the symbol. */
export function Chips({ changes, hidden, onRemove, onToggle }: ChipsProps): JSX.Element {
  return (
    <ul className="chips" aria-label="Symbols">
      {changes.map(({ symbol, value }, place) => (
        <li key={symbol} className="chip">
          <button
            type="button"
            className="chip__toggle"
            aria-pressed={!hidden.has(symbol)}
            title={hidden.has(symbol) ? `Show ${symbol}` : `Hide ${symbol}`}
            onClick={() => onToggle(symbol)}
          >
            <SymbolMark place={place} />
            <b>{symbol}</b>
            <span className="change" data-direction={direction(value)}>
              {percent(value)}
            </span>
          </button>
          {onRemove && (
            <button
              type="button"
              className="chip__remove"
              aria-label={`Remove ${symbol}`}
              onClick={() => onRemove(symbol)}
            >
              ×
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}
