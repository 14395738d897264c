import { useCallback, useEffect, useState } from 'react';
import type { Adjustment } from '../../api/types';
import { adjustmentOf, USUAL_ADJUSTMENT } from './adjustment';
import type { Boot, DateRange, Mode, NamedRange, RangeName } from './boot';

const RATE = 'risk_free_percent';
const NO_RATE = '0';

/** What a page's address chooses. `range` is empty when the dates were chosen one by one. */
export interface PageState {
  symbols: string[];
  range: RangeName | '';
  dates: DateRange;
  mode: Mode;
  adjustment: Adjustment;
  /** As the boot data's; charts only keep it. */
  rate: string;
}

/** The address that shows a state, as the server would write it. */
export function stateUrl(page: string, state: PageState): string {
  const path = `/${page}/${state.symbols.map(encodeURIComponent).join('/')}/`;
  const query = new URLSearchParams(state.range ? { range: state.range } : { ...state.dates });
  if (state.mode === 'price') query.set('mode', 'price');
  if (state.adjustment !== USUAL_ADJUSTMENT) query.set('adjustment', state.adjustment);
  if (state.rate !== NO_RATE) query.set(RATE, state.rate);
  return `${path}?${query}`;
}

/** Read an address back; what it leaves out is as `fallback` has it. */
export function parseStateUrl(url: URL, ranges: readonly NamedRange[], fallback: PageState): PageState {
  const symbols = url.pathname.split('/').slice(2).filter(Boolean).map(decodeURIComponent);
  const { searchParams: query } = url;
  const named = ranges.find((range) => range.name === query.get('range'));
  const from = query.get('from');
  const to = query.get('to');
  return {
    symbols: symbols.length > 0 ? symbols : fallback.symbols,
    mode: query.get('mode') === 'price' ? 'price' : 'pct',
    adjustment: adjustmentOf(query.get('adjustment')),
    rate: query.get(RATE) ?? NO_RATE,
    ...(named
      ? { range: named.name, dates: { from: named.from, to: named.to } }
      : from && to
        ? { range: '' as const, dates: { from, to } }
        : { range: fallback.range, dates: fallback.dates }),
  };
}

export function initialState(boot: Boot): PageState {
  const { symbols, mode, adjustment, rate } = boot;
  const { from, to, name } = boot.range;
  return { symbols, range: name, dates: { from, to }, mode, adjustment, rate };
}

/** A state kept in the address: every deliberate choice is a step that "back" undoes. */
export function usePageState(boot: Boot): [PageState, (change: Partial<PageState>) => void] {
  const [state, setState] = useState(() => initialState(boot));

  useEffect(() => {
    const onBack = (): void => {
      setState(parseStateUrl(new URL(location.href), boot.ranges, initialState(boot)));
    };
    addEventListener('popstate', onBack);
    return () => removeEventListener('popstate', onBack);
  }, [boot]);

  const change = useCallback(
    (part: Partial<PageState>) => {
      const next = { ...state, ...part };
      history.pushState(null, '', stateUrl(boot.page, next));
      setState(next);
    },
    [boot.page, state],
  );

  return [state, change];
}
