import { shortDate } from '../text/dates';
import type { SessionTable } from './sessions';

/** A split (`value` new shares for one) or a cash dividend (`value` dollars a share); prices before it count otherwise. */
export interface PriceEvent {
  symbol: string;
  session: string;
  kind: string;
  value: number;
}

/** An event at its place on the axis. */
export interface EventMark {
  ordinal: number;
  event: PriceEvent;
}

const LARGEST_DENOMINATOR = 200;

/** "7 for 1", "3 for 2", "1 for 8". */
export function splitRatio(newForOne: number): string {
  for (let old = 1; old <= LARGEST_DENOMINATOR; old++) {
    const shares = Math.round(newForOne * old);
    if (shares > 0 && Math.abs(newForOne * old - shares) < 1e-6 * old) return `${shares} for ${old}`;
  }
  return `${newForOne} for 1`;
}

/** "AAPL 7 for 1 split", "AAPL dividend of $0.25". */
export function eventName({ symbol, kind, value }: PriceEvent): string {
  return kind === 'split'
    ? `${symbol} ${splitRatio(value)} split`
    : `${symbol} dividend of $${value.toFixed(2)}`;
}

/** Where each event takes effect: the open of its session, or of the next one. Those outside the table are left out. */
export function eventMarks(events: readonly PriceEvent[], sessions: SessionTable): EventMark[] {
  return events
    .flatMap((event) => {
      const session = sessions.onOrAfter(event.session);
      const isWithin = event.session >= (sessions.first?.session ?? event.session);
      return session && isWithin ? [{ ordinal: session.ordinal, event }] : [];
    })
    .sort((left, right) => left.ordinal - right.ordinal);
}

/** The marks in the session of an ordinal. */
export function marksAt(marks: readonly EventMark[], ordinal: number, sessions: SessionTable): EventMark[] {
  const session = sessions.sessionAt(ordinal);
  return session ? marks.filter((mark) => mark.ordinal === session.ordinal) : [];
}

const MOST_SAID = 6;

/** What the events of some dates are, as a sentence for those who cannot see the marks; empty without any. */
export function eventsSentence(
  marks: readonly EventMark[],
  { from, to }: { from: string; to: string },
): string {
  const within = marks.filter(({ event }) => event.session > from && event.session <= to);
  if (within.length === 0) return '';
  const said = within
    .slice(-MOST_SAID)
    .map(({ event }) => `${eventName(event)} on ${shortDate(event.session, true)}`);
  const others = within.length > MOST_SAID ? ` and ${within.length - MOST_SAID} earlier ones` : '';
  return ` Marked: ${said.join(', ')}${others}.`;
}
