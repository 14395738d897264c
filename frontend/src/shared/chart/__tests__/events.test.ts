import { describe, expect, it } from 'vitest';
import { eventMarks, eventName, eventsSentence, marksAt, splitRatio, type PriceEvent } from '../events';
import { autumn } from './samples';

const event = (session: string, more: Partial<PriceEvent> = {}): PriceEvent => ({
  symbol: 'AAPL',
  session,
  kind: 'split',
  value: 7,
  ...more,
});

describe('the words of an event', () => {
  it('says a split as new shares for old ones', () => {
    expect([7, 0.125, 1.5, 1 / 3, 0.05].map(splitRatio)).toEqual([
      '7 for 1',
      '1 for 8',
      '3 for 2',
      '1 for 3',
      '1 for 20',
    ]);
  });

  it('names the symbol, and a dividend in dollars', () => {
    expect(eventName(event('2026-11-02'))).toBe('AAPL 7 for 1 split');
    expect(eventName(event('2026-11-02', { kind: 'dividend', value: 0.5 }))).toBe('AAPL dividend of $0.50');
  });
});

describe('eventMarks', () => {
  it('puts an event at the open of its session, or of the next one', () => {
    const marks = eventMarks([event('2026-11-26'), event('2026-11-02')], autumn());

    expect(marks.map(({ ordinal }) => ordinal)).toEqual([1390, 2560]);
  });

  it('leaves out what lies before or after the sessions that are known', () => {
    expect(eventMarks([event('2026-10-29'), event('2026-12-01')], autumn())).toEqual([]);
  });

  it('finds the events of a bar’s session, at its first and its last minute', () => {
    const marks = eventMarks([event('2026-11-02')], autumn());

    expect([1389, 1390, 1779, 1780].map((ordinal) => marksAt(marks, ordinal, autumn()).length)).toEqual([
      0, 1, 1, 0,
    ]);
  });
});

describe('eventsSentence', () => {
  const marks = eventMarks([event('2026-10-30'), event('2026-11-02'), event('2026-11-27')], autumn());

  it('says what moves prices within the dates, which an event on the first of them does not', () => {
    expect(eventsSentence(marks, { from: '2026-10-30', to: '2026-11-03' })).toBe(
      ' Marked: AAPL 7 for 1 split on 2 Nov 2026.',
    );
    expect(eventsSentence(marks, { from: '2026-11-02', to: '2026-11-25' })).toBe('');
  });

  it('counts what would be too much to hear', () => {
    const many = Array.from({ length: 9 }, () => marks[2]!);

    expect(eventsSentence(many, { from: '2026-11-02', to: '2026-11-27' })).toContain('and 3 earlier ones.');
  });
});
