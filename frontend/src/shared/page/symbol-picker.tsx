import { useId, useRef, useState, type JSX, type KeyboardEvent } from 'react';
import { get } from '../../api/client';
import type { SymbolEntry, SymbolList } from '../../api/types';
import { matchingSymbols } from './match-symbols';
import { SymbolOptions } from './symbol-options';
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
  const { data, error } = useLoad('symbols', (signal) => get<SymbolList>(`${api}symbols/`, {}, signal));
  const matches = matchingSymbols(data?.results ?? [], typed, taken);
  const { chosen, onKeyDown, restart } = useListKeys(matches, onPick, onClose);

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
          restart();
        }}
        onKeyDown={onKeyDown}
      />
      <SymbolOptions id={id} matches={matches} chosen={chosen} onPick={onPick}>
        {error ? error.message : data ? emptyText(typed) : 'Loading…'}
      </SymbolOptions>
    </div>
  );
}

/** Arrows choose among the matches, Enter picks, Escape gives up. */
function useListKeys(
  matches: readonly SymbolEntry[],
  onPick: (symbol: string) => void,
  onClose: () => void,
): { chosen: SymbolEntry | undefined; onKeyDown: (event: KeyboardEvent) => void; restart: () => void } {
  const [active, setActive] = useState(0);
  const chosen = matches[Math.min(active, matches.length - 1)];
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move !== undefined && matches.length > 0)
      setActive((active + move + matches.length) % matches.length);
    else if (event.key === 'Enter' && chosen) onPick(chosen.symbol);
    else if (event.key === 'Escape') onClose();
    else return;
    event.preventDefault();
  };
  return { chosen, onKeyDown, restart: () => setActive(0) };
}

function emptyText(typed: string): string {
  return typed ? `There are no bars of ${typed.toUpperCase()}.` : 'All symbols with data are shown.';
}
