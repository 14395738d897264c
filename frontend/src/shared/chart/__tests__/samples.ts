import type { BarTable } from '../bar-table';
import { SessionTable, type SessionRow } from '../sessions';

const minute = (instant: string): number => Date.parse(instant) / 60_000;

/** Around the end of daylight saving (1 Nov 2026), Thanksgiving and its half day. */
export const AUTUMN: readonly SessionRow[] = [
  ['2026-10-30', minute('2026-10-30T13:30Z'), 390, 1000],
  ['2026-11-02', minute('2026-11-02T14:30Z'), 390, 1390],
  ['2026-11-03', minute('2026-11-03T14:30Z'), 390, 1780],
  ['2026-11-25', minute('2026-11-25T14:30Z'), 390, 2170],
  ['2026-11-27', minute('2026-11-27T14:30Z'), 210, 2560],
  ['2026-11-30', minute('2026-11-30T14:30Z'), 390, 2770],
];

export const autumn = (): SessionTable => SessionTable.fromRows(AUTUMN);

/** Weekdays from 2 January 2024 on, every session whole. */
export function weekdays(sessions: number): SessionTable {
  const rows: SessionRow[] = [];
  for (let day = Date.UTC(2024, 0, 2); rows.length < sessions; day += 86_400_000) {
    const date = new Date(day);
    if (date.getUTCDay() % 6 === 0) continue;
    const session = date.toISOString().slice(0, 10);
    rows.push([session, minute(`${session}T14:30Z`), 390, 390 * rows.length]);
  }
  return SessionTable.fromRows(rows);
}

/** Deterministic noise in [0, 1). */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Random walks on consecutive ordinals. */
export function walks(rows: number, series: number, seed = 1): BarTable {
  const random = noise(seed);
  const ordinals = Float64Array.from({ length: rows }, (_, row) => row);
  const columns = Array.from({ length: series }, () => {
    let value = 100;
    return ordinals.map(() => (value += random() - 0.5));
  });
  return { step: 1, starts: ordinals, ends: ordinals.map((ordinal) => ordinal + 1), ordinals, columns };
}
