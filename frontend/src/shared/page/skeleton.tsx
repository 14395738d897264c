import type { JSX } from 'react';

/** The room that a chart will take; seen only when the wait is long enough to be noticed. */
export function Skeleton(): JSX.Element {
  return (
    <>
      <div className="toolbar toolbar--empty" />
      <div
        className="instrument instrument--empty"
        aria-busy="true"
        aria-label="Loading the chart"
        role="img"
      />
    </>
  );
}
