import type { JSX } from 'react';
import type { SymbolEntry } from '../../api/types';
import { shortDate } from '../text/dates';

interface SymbolOptionsProps {
  id: string;
  matches: readonly SymbolEntry[];
  chosen: SymbolEntry | undefined;
  onPick: (symbol: string) => void;
  /** What the list says when nothing matches. */
  children: string;
}

/** The combobox's list. */
export function SymbolOptions({ id, matches, chosen, onPick, children }: SymbolOptionsProps): JSX.Element {
  return (
    <ul className="combobox__list" role="listbox" id={`${id}list`} aria-label="Symbols">
      {matches.map((entry) => (
        <li
          key={entry.symbol}
          id={`${id}${entry.symbol}`}
          className="combobox__option"
          role="option"
          aria-selected={entry === chosen}
          // Before the input's blur, which would close the list under the pointer.
          onPointerDown={(event) => {
            event.preventDefault();
            onPick(entry.symbol);
          }}
        >
          <b>{entry.symbol}</b>
          <span>since {shortDate(entry.first_session, true)}</span>
        </li>
      ))}
      {matches.length === 0 && (
        <li className="combobox__empty" role="option" aria-selected="false" aria-disabled="true">
          {children}
        </li>
      )}
    </ul>
  );
}
