/** Numbers as people read them: U+2212 for minus, thin spaces for thousands, a dash for what is missing. */

/** The narrow space that no line breaks at. */
const THIN_SPACE = '\u202f';
const NO_BREAK_SPACE = '\u00a0';
const MINUS = '\u2212';
export const MISSING = '–';

const formatters = new Map<string, Intl.NumberFormat>();

function decimals(value: number, digits: number): string {
  const key = String(digits);
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat('en-US', {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formatters.set(key, formatter);
  }
  return formatter.format(value).replaceAll(',', THIN_SPACE).replace('-', MINUS);
}

function isZeroAt(value: number, digits: number): boolean {
  return Math.abs(value) < 0.5 * 10 ** -digits;
}

function signed(value: number, digits: number): string {
  if (isZeroAt(value, digits)) return decimals(0, digits);
  return value > 0 ? `+${decimals(value, digits)}` : decimals(value, digits);
}

/** "1 234.50"; four decimals below one dollar. */
export function price(value: number): string {
  if (!Number.isFinite(value)) return MISSING;
  return decimals(value, Math.abs(value) < 1 && value !== 0 ? 4 : 2);
}

/** "+5.12 %" for the fraction 0.0512. */
export function percent(fraction: number, digits = 2): string {
  return Number.isFinite(fraction) ? `${signed(fraction * 100, digits)}${NO_BREAK_SPACE}%` : MISSING;
}

/** "+3.20 pt": a difference between two percentages, given as fractions. */
export function points(fraction: number, digits = 2): string {
  return Number.isFinite(fraction) ? `${signed(fraction * 100, digits)}${NO_BREAK_SPACE}pt` : MISSING;
}

/** "15 209". */
export function count(value: number): string {
  return Number.isFinite(value) ? decimals(value, 0) : MISSING;
}

export type Direction = 'up' | 'down' | 'level';

/** Which way a fraction points, once rounded to the digits that are shown. */
export function direction(fraction: number, digits = 2): Direction {
  if (!Number.isFinite(fraction) || isZeroAt(fraction * 100, digits)) return 'level';
  return fraction > 0 ? 'up' : 'down';
}
