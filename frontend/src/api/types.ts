/** The API's answers by name, from the types that `npm run types` generates. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type ActionsPage = Schemas['ActionsPage'];
export type Adjustment = Schemas['AdjustmentEnum'];
export type Column = Schemas['Column'];
export type Comparison = Schemas['Comparison'];
export type Coverage = Schemas['Coverage'];
export type DailyPage = Schemas['DailyPage'];
export type HourlyPage = Schemas['HourlyPage'];
export type Provenance = Schemas['Provenance'];
export type Sessions = Schemas['Sessions'];
export type Status = Schemas['Status'];
export type SymbolEntry = Schemas['Symbol'];
export type SymbolDetail = Schemas['SymbolDetail'];
export type SymbolList = Schemas['SymbolList'];
export type Tile = Schemas['Tile'];
export type TileReference = Schemas['TileReference'];
export type Timeframe = Schemas['TimeframeEnum'];
