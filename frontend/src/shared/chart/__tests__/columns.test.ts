import { describe, expect, it } from 'vitest';
import { decodeColumn, type DeltaColumn } from '../columns';
import { noise } from './samples';

function encode(values: readonly (number | null)[], scale: number): DeltaColumn {
  const deltas: number[] = [];
  const nulls: [number, number][] = [];
  let last = 0;
  values.forEach((value, row) => {
    if (value !== null) {
      const whole = Math.round(value * 10 ** scale);
      deltas.push(whole - last);
      last = whole;
      return;
    }
    const run = nulls.at(-1);
    if (run && run[0] + run[1] === row) run[1] += 1;
    else nulls.push([row, 1]);
  });
  return { scale, deltas, nulls };
}

describe('decodeColumn', () => {
  it('sums deltas and divides by the scale', () => {
    expect([...decodeColumn({ scale: 2, deltas: [27_231, -4, 0, 13] }, 4)]).toEqual([
      272.31, 272.27, 272.27, 272.4,
    ]);
  });

  it('leaves null runs out of the sum', () => {
    const column = {
      scale: 0,
      deltas: [5, 1, 1],
      nulls: [
        [0, 2],
        [3, 1],
      ] as [number, number][],
    };

    expect([...decodeColumn(column, 6)]).toEqual([NaN, NaN, 5, NaN, 6, 7]);
  });

  it('refuses a column of the wrong length', () => {
    expect(() => decodeColumn({ scale: 0, deltas: [1] }, 2)).toThrow('ends after 1');
    expect(() => decodeColumn({ scale: 0, deltas: [1, 2, 3] }, 2)).toThrow('more values than rows');
  });

  it('returns what was encoded, for any values and holes', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const random = noise(seed);
      const values = Array.from({ length: 200 }, () =>
        random() < 0.2 ? null : Math.round(random() * 1e6) / 1e4,
      );

      const decoded = [...decodeColumn(encode(values, 4), values.length)];

      expect(decoded.map((value) => (Number.isNaN(value) ? null : value))).toEqual(values);
    }
  });
});
