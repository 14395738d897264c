import type { JSX, ReactNode } from 'react';

/**
 * The name of a measure as a button. What it opens is in the page's table, where the server explains the same column:
 * `of` is its table and column, such as `daily-vwap_close`.
 */
export function Term({ of, children }: { of: string; children: ReactNode }): JSX.Element {
  return (
    <button type="button" className="term" popoverTarget={`about-${of}`}>
      {children}
    </button>
  );
}
