import { describe, expect, it } from 'vitest';
import { SessionTable } from '../../../shared/chart/sessions';
import { completeness, coverageByYear } from '../months';

const sessions = SessionTable.fromRows([
  ['2025-12-30', 0, 390, 0],
  ['2025-12-31', 1440, 390, 390],
  ['2026-01-02', 4320, 390, 780],
  ['2026-01-05', 8640, 390, 1170],
]);

describe('coverageByYear', () => {
  it('expects the minutes between the first and the last session with bars only', () => {
    const rows = [
      { session: '2025-12-31', bar_count: 390 },
      { session: '2026-01-02', bar_count: 380 },
    ];
    const [before, after] = coverageByYear(rows, sessions);

    expect(before?.months[11]).toEqual({ month: '2025-12', expected: 390, present: 390 });
    expect(after?.months[0]).toEqual({ month: '2026-01', expected: 390, present: 380 });
    expect(after?.months[1]).toBeNull();
  });

  it('counts a session without any bar as missing', () => {
    const rows = [
      { session: '2025-12-30', bar_count: 390 },
      { session: '2026-01-05', bar_count: 390 },
    ];

    expect(coverageByYear(rows, sessions)[1]?.months[0]).toMatchObject({ expected: 780, present: 390 });
  });

  it('is empty without rows', () => {
    expect(coverageByYear([], sessions)).toEqual([]);
  });
});

describe('completeness', () => {
  it('parts a month with a few holes from one with many', () => {
    const of = (present: number) => completeness({ month: '2026-01', expected: 1000, present });

    expect([1000, 995, 500, 0].map(of)).toEqual(['whole', 'nearly', 'partly', 'none']);
  });
});
