import { get } from '../../api/client';
import type { Sessions } from '../../api/types';
import { SessionTable, type SessionRow } from '../chart/sessions';
import type { DateRange } from './boot';

/** Rows of the API are [session, open, minutes, ordinal], which its description cannot say. */
export function sessionTableOf({ rows }: Sessions): SessionTable {
  return SessionTable.fromRows(rows as unknown as SessionRow[]);
}

/** The sessions of a range, both ends included. */
export async function loadSessions(
  api: string,
  { from, to }: DateRange,
  signal: AbortSignal,
): Promise<SessionTable> {
  return sessionTableOf(await get<Sessions>(`${api}sessions/`, { from, to }, signal));
}
