import type { ColorToken } from '../../shared/chart/palette';
import { DASHES } from '../../shared/chart/scene';

export interface AverageStyle {
  name: AverageName;
  label: string;
  color: ColorToken;
  dash: readonly number[];
}

export type AverageName = 'sma_20' | 'sma_50' | 'sma_200' | 'ema_20' | 'ema_50' | 'ema_200';

const style = (name: AverageName, place: number): AverageStyle => ({
  name,
  label: name.replace('_', ' ').toUpperCase(),
  color: (['series-2', 'series-3', 'series-4', 'series-5', 'series-6', 'muted'] as const)[place] ?? 'muted',
  dash: DASHES[(place % 5) + 1] ?? [],
});

/** The averages there are, in the order of their columns after the close. */
export const AVERAGES: readonly AverageStyle[] = (
  ['sma_20', 'sma_50', 'sma_200', 'ema_20', 'ema_50', 'ema_200'] as const
).map(style);

export const SHOWN_FIRST: ReadonlySet<AverageName> = new Set<AverageName>(['sma_50', 'sma_200']);
