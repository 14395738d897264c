import type { JSX } from 'react';
import { rowsWithin, type BarTable } from '../chart/bar-table';
import type { SessionTable } from '../chart/sessions';
import type { ChartStore } from '../chart/store';
import { useSettledView } from '../chart/use-chart';
import { zoomView } from '../chart/view';
import { dateSpan } from '../text/dates';
import { count } from '../text/numbers';

const BAR_NAMES: Record<number, string> = {
  1: '1 minute',
  5: '5 minutes',
  15: '15 minutes',
  60: '1 hour',
  390: '1 day',
};

interface ViewFactsProps {
  table: BarTable;
  sessions: SessionTable;
  store: ChartStore;
}

/** What is in view, buttons to see more or less of it, and how to move. */
export function ViewFacts({ table, sessions, store }: ViewFactsProps): JSX.Element {
  const view = useSettledView(store);
  const [from, to] = rowsWithin(table, view.min, view.max);
  const first = sessions.sessionAt(view.min)?.session;
  const last = sessions.sessionAt(view.max)?.session;
  const zoom = (factor: number): void => {
    const now = store.view();
    store.setView(zoomView(now, factor, (now.min + now.max) / 2, store.bounds));
  };
  return (
    <div className="view-facts">
      <dl className="readout__facts">
        <div>
          <dt>In view</dt>
          <dd>{first && last ? dateSpan(first, last) : '–'}</dd>
        </div>
        <div>
          <dt>Bars of {BAR_NAMES[table.step] ?? `${table.step} minutes`}</dt>
          <dd>{count(to - from)}</dd>
        </div>
      </dl>
      <div className="view-facts__zoom" role="group" aria-label="Zoom">
        <button className="button button--icon" type="button" aria-label="Zoom out" onClick={() => zoom(2)}>
          −
        </button>
        <button className="button button--icon" type="button" aria-label="Zoom in" onClick={() => zoom(0.5)}>
          +
        </button>
        <button className="button" type="button" disabled={store.isHome()} onClick={() => store.reset()}>
          Whole range
        </button>
      </div>
      <p className="view-facts__hint">
        <span data-pointer="fine">Drag to move, Ctrl + wheel to zoom, arrow keys to read bar by bar.</span>
        <span data-pointer="coarse">Drag to move, pinch to zoom, hold to read.</span>
      </p>
    </div>
  );
}
