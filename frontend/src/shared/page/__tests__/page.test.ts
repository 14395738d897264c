import { describe, expect, it } from 'vitest';
import type { NamedRange } from '../boot';
import { matchingSymbols } from '../match-symbols';
import { parseStateUrl, stateUrl, type PageState } from '../page-state';

const ranges: NamedRange[] = [
  { name: '1M', from: '2026-10-25', to: '2026-11-24', available: true },
  { name: 'MAX', from: '2026-01-02', to: '2026-11-24', available: true },
];
const month: PageState = {
  symbols: ['AAPL', 'BRK.B'],
  range: '1M',
  dates: { from: '2026-10-25', to: '2026-11-24' },
  mode: 'pct',
  adjustment: 'split',
  rate: '0',
};
const parse = (url: string): PageState => parseStateUrl(new URL(url, 'http://test'), ranges, month);

describe('the address of a page', () => {
  it('names symbols, range and mode as the server does', () => {
    expect(stateUrl('compare', month)).toBe('/compare/AAPL/BRK.B/?range=1M');
    expect(stateUrl('compare', { ...month, range: '', mode: 'price' })).toBe(
      '/compare/AAPL/BRK.B/?from=2026-10-25&to=2026-11-24&mode=price',
    );
  });

  it('reads back what it wrote', () => {
    const dates = { from: '2026-03-01', to: '2026-03-31' };
    for (const state of [
      month,
      { ...month, mode: 'price' as const },
      { ...month, range: '' as const, dates },
      { ...month, adjustment: 'raw' as const },
      { ...month, mode: 'price' as const, adjustment: 'all' as const },
      { ...month, rate: '-0.75' },
    ]) {
      expect(parse(stateUrl('compare', state))).toEqual(state);
    }
  });

  it('names the adjustment unless it is the usual one, and takes an unknown one for that', () => {
    expect(stateUrl('compare', { ...month, adjustment: 'raw' })).toBe(
      '/compare/AAPL/BRK.B/?range=1M&adjustment=raw',
    );
    expect(parse('/compare/?adjustment=dollars').adjustment).toBe('split');
  });

  it('names the rate of the page of statistics unless it is none', () => {
    expect(stateUrl('compare', { ...month, rate: '4.5' })).toBe(
      '/compare/AAPL/BRK.B/?range=1M&risk_free_percent=4.5',
    );
  });

  it('takes from the page what the address leaves out', () => {
    expect(parse('/compare/')).toEqual(month);
    expect(parse('/compare/NVDA/TSLA/?range=2W').range).toBe('1M');
  });
});

describe('matchingSymbols', () => {
  const entries = ['AAPL', 'MA', 'MSFT', 'META'].map((symbol) => ({ symbol }));

  it('puts symbols that begin with the text first, without those taken', () => {
    expect(matchingSymbols(entries, 'a', []).map((entry) => entry.symbol)).toEqual(['AAPL', 'MA', 'META']);
    expect(matchingSymbols(entries, ' m', ['MSFT']).map((entry) => entry.symbol)).toEqual(['MA', 'META']);
    expect(matchingSymbols(entries, 'zz', [])).toEqual([]);
  });
});
