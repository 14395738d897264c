import { useState, type JSX } from 'react';
import type { ChartView } from './chart-view';
import { eventName, marksAt } from './events';
import { barTime, readoutRow } from './readout';
import type { Scene } from './scene';
import type { ChartStore } from './store';
import { useChart } from './use-chart';

interface ChartPanelProps {
  scene: Scene;
  store: ChartStore;
  /** What a row says, after its time, to those who read with the keyboard. */
  describeRow: (row: number) => string;
  /** Is told the chart (for a picture of it), and null once it is gone. */
  onView?: (view: ChartView | null) => void;
}

/** A chart and the polite live region that speaks what the keyboard points at. */
export function ChartPanel({ scene, store, describeRow, onView }: ChartPanelProps): JSX.Element {
  const hostRef = useChart(scene, store, onView);
  const [spoken, setSpoken] = useState('');
  const speak = (): void => {
    const row = readoutRow(scene.table, store.cursor(), store.view());
    const here = row < 0 ? [] : marksAt(scene.marks, scene.table.ordinals[row]!, scene.sessions);
    const said = [describeRow(row), ...here.map(({ event }) => eventName(event))].join('; ');
    setSpoken(row < 0 ? '' : `${barTime(scene.table, row, scene.sessions)}: ${said}`);
  };
  return (
    <>
      <div className="chart" ref={hostRef} onKeyUp={speak} />
      <p className="visually-hidden" role="status">
        {spoken}
      </p>
    </>
  );
}
