import { useId, useRef, useState, type JSX, type KeyboardEvent } from 'react';
import { get } from '../../api/client';
import type { SymbolEntry } from '../../api/types';
import { shortDate } from '../text/dates';
import { matchingSymbols } from './match-symbols';
import { useLoad } from './use-load';

interface SymbolPickerProps {
  api: string;
  /** Symbols that cannot be picked because they are shown already. */
  taken: readonly string[];
  label: string;
  onPick: (symbol: string) => void;
}

/** A button that opens a combobox over the symbols there is data of (ARIA's list autocomplete pattern). */
export function SymbolPicker(props: SymbolPickerProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  if (!isOpen) {
    return (
      <button className="button button--quiet" type="button" onClick={() => setOpen(true)}>
        {props.label}
      </button>
    );
  }
  const close = (): void => setOpen(false);
  return (
    <SymbolCombobox
      {...props}
      onClose={close}
      onPick={(symbol) => {
        close();
        props.onPick(symbol);
      }}
    />
  );
}

function SymbolCombobox({
  api,
  taken,
  label,
  onPick,
  onClose,
}: SymbolPickerProps & { onClose: () => void }): JSX.Element {
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const { data, error } = useLoad('symbols', (signal) =>
    get<{ results: SymbolEntry[] }>(`${api}symbols/`, {}, signal),
  );
  const matches = matchingSymbols(data?.results ?? [], typed, taken);
  const chosen = matches[Math.min(active, matches.length - 1)];

  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined && matches.length > 0) {
      event.preventDefault();
      setActive((active + move + matches.length) % matches.length);
    } else if (event.key === 'Enter' && chosen) {
      event.preventDefault();
      onPick(chosen.symbol);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    }
  };

  return (
    <div
      className="combobox"
      ref={box}
      onBlur={(event) => {
        if (!box.current?.contains(event.relatedTarget)) onClose();
      }}
    >
      <input
        className="input input--compact combobox__input"
        role="combobox"
        aria-label={label}
        aria-expanded="true"
        aria-controls={`${id}list`}
        aria-autocomplete="list"
        aria-activedescendant={chosen ? `${id}${chosen.symbol}` : undefined}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="Symbol"
        autoFocus
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <SymbolList id={id} matches={matches} chosen={chosen} onPick={onPick}>
        {error ? error.message : data ? emptyText(typed) : 'Loading…'}
      </SymbolList>
    </div>
  );
}

interface SymbolListProps {
  id: string;
  matches: readonly SymbolEntry[];
  chosen: SymbolEntry | undefined;
  onPick: (symbol: string) => void;
  /** What the list says when nothing matches. */
  children: string;
}

function SymbolList({ id, matches, chosen, onPick, children }: SymbolListProps): JSX.Element {
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

function emptyText(typed: string): string {
  return typed ? `There are no bars of ${typed.toUpperCase()}.` : 'All symbols with data are shown.';
}
