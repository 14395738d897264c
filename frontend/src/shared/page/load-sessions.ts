import { get } from '../../api/client';
import type { Sessions } from '../../api/types';
import { SessionTable, type SessionRow } from '../chart/sessions';
import type { DateRange } from './boot';

/** The sessions of a range, both ends included. */
export async function loadSessions(
  api: string,
  { from, to }: DateRange,
  signal: AbortSignal,
): Promise<SessionTable> {
  const { rows } = await get<Sessions>(`${api}sessions/`, { from, to }, signal);
  return SessionTable.fromRows(rows as unknown as SessionRow[]);
}
