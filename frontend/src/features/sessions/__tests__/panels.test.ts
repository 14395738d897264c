import { describe, expect, it } from 'vitest';
import { autumn } from '../../../shared/chart/__tests__/samples';
import { eventMarks } from '../../../shared/chart/events';
import { barTime } from '../../../shared/chart/readout';
import type { Aggregate } from '../../../shared/page/load-aggregates';
import { aggregateTable, panelScene } from '../panels';

const row = (more: Partial<Aggregate> & { hour_start?: string }): Aggregate =>
  ({
    symbol: 'AAPL',
    session: '2026-11-27',
    low: 1,
    high: 4,
    mean_close: 2,
    vwap_close: null,
    ...more,
  }) as Aggregate;

describe('aggregateTable', () => {
  it('draws a session in its middle, a half day too', () => {
    const table = aggregateTable([row({ session: '2026-11-25' }), row({})], 'daily', autumn());

    expect([...table.ordinals]).toEqual([2170 + 195, 2560 + 105]);
    expect(barTime(table, 1, autumn())).toBe('Fri 27 Nov');
  });

  it('knows that the first clock hour of a session is half as long', () => {
    const hours = ['2026-11-27T14:00:00Z', '2026-11-27T15:00:00Z'].map((hour_start) => row({ hour_start }));
    const table = aggregateTable(hours, 'hourly', autumn());

    expect([...table.ordinals]).toEqual([2560 + 15, 2560 + 60]);
    expect(barTime(table, 0, autumn())).toBe('Fri 27 Nov, 09:30–10:00 ET');
  });

  it('leaves a missing average out, and a session that the calendar does not know', () => {
    const table = aggregateTable([row({}), row({ session: '2026-11-26' })], 'daily', autumn());

    expect(table.columns.map((column) => [...column])).toEqual([[2], [NaN], [1], [4]]);
  });
});

describe('panelScene', () => {
  it('says in words what it draws', () => {
    const table = aggregateTable([row({})], 'daily', autumn());

    expect(panelScene(table, ['AAPL', 'MSFT'], 0, autumn(), 'daily', []).summary).toBe(
      'Chart of daily averages of AAPL (one of 2 charts: AAPL, MSFT), Fri 27 Nov 2026 to Fri 27 Nov 2026; the last mean close is 2.00. Arrow keys read it row by row.',
    );
    expect(
      panelScene(aggregateTable([], 'daily', autumn()), ['AAPL'], 0, autumn(), 'daily', []).summary,
    ).toContain('no rows');
  });

  it('marks the events of its own symbol, and says them', () => {
    const rows = [row({ session: '2026-11-25' }), row({})];
    const events = ['AAPL', 'MSFT'].map((symbol) => ({
      symbol,
      session: '2026-11-27',
      kind: 'split',
      value: 7,
    }));
    const table = aggregateTable(rows, 'daily', autumn());
    const scene = panelScene(table, ['AAPL', 'MSFT'], 0, autumn(), 'daily', eventMarks(events, autumn()));

    expect(scene.marks.map(({ event }) => event.symbol)).toEqual(['AAPL']);
    expect(scene.summary).toContain('Marked: AAPL 7 for 1 split on 27 Nov 2026.');
  });
});
