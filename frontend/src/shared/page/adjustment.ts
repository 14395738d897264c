import type { Adjustment } from '../../api/types';
import type { PriceEvent } from '../chart/events';

/** What the pages show when the address says nothing. */
export const USUAL_ADJUSTMENT: Adjustment = 'split';

export interface AdjustmentChoice {
  value: Adjustment;
  label: string;
  about: string;
}

export const ADJUSTMENTS: readonly AdjustmentChoice[] = [
  {
    value: 'split',
    label: 'Adjusted for splits',
    about: 'Prices before a split are on the footing of today’s shares, so a split is no jump.',
  },
  {
    value: 'all',
    label: 'Splits and dividends',
    about: 'Prices before a dividend are lowered by it as well, so the change is what a holder earned.',
  },
  {
    value: 'raw',
    label: 'As traded',
    about: 'The prices that were paid on the day. A split is a jump.',
  },
];

export function adjustmentOf(text: string | null): Adjustment {
  return ADJUSTMENTS.find(({ value }) => value === text)?.value ?? USUAL_ADJUSTMENT;
}

export function adjustmentLabel(adjustment: Adjustment): string {
  return ADJUSTMENTS.find(({ value }) => value === adjustment)?.label ?? '';
}

/** The events that a page marks: splits always, since they are jumps as traded; dividends where they count. */
export function markedEvents(events: readonly PriceEvent[], adjustment: Adjustment): PriceEvent[] {
  return events.filter(({ kind }) => kind === 'split' || adjustment === 'all');
}
