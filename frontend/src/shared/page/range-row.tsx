import { useId, useRef, type JSX, type SubmitEvent } from 'react';
import { dateSpan } from '../text/dates';
import type { DateRange, NamedRange, RangeName } from './boot';

interface RangeRowProps {
  ranges: readonly NamedRange[];
  current: RangeName | '';
  dates: DateRange;
  onRange: (range: NamedRange) => void;
  onDates: (dates: DateRange) => void;
}

/** 1D … MAX, and any dates between. A range that the data do not reach is shown, and says why it is off. */
export function RangeRow({ ranges, current, dates, onRange, onDates }: RangeRowProps): JSX.Element {
  const whole = ranges.find((range) => range.name === 'MAX') ?? dates;
  return (
    <div className="range-row">
      <div className="segments" role="group" aria-label="Range">
        {ranges.map((range) => (
          <button
            key={range.name}
            type="button"
            className="segments__item"
            aria-pressed={range.name === current}
            disabled={!range.available}
            title={range.available ? dateSpan(range.from, range.to) : `The bars begin on ${whole.from}.`}
            onClick={() => onRange(range)}
          >
            {range.name}
          </button>
        ))}
      </div>
      <DatesMenu dates={dates} limits={whole} isCurrent={current === ''} onDates={onDates} />
    </div>
  );
}

interface DatesMenuProps {
  dates: DateRange;
  limits: DateRange;
  isCurrent: boolean;
  onDates: (dates: DateRange) => void;
}

function DatesMenu({ dates, limits, isCurrent, onDates }: DatesMenuProps): JSX.Element {
  const menu = useRef<HTMLDetailsElement>(null);
  const id = useId();
  const apply = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, to] = [form.get('from') as string, form.get('to') as string].sort();
    if (!from || !to) return;
    if (menu.current) menu.current.open = false;
    onDates({ from, to });
  };
  return (
    <details className="menu" ref={menu}>
      <summary className="segments__item" data-current={isCurrent}>
        {isCurrent ? dateSpan(dates.from, dates.to) : 'Dates'}
      </summary>
      {/* A new form for new dates, so that its fields start from what is shown. */}
      <form className="menu__panel dates-form" key={`${dates.from} ${dates.to}`} onSubmit={apply}>
        <div className="field">
          <label htmlFor={`${id}from`}>From</label>
          <input
            id={`${id}from`}
            name="from"
            type="date"
            defaultValue={dates.from}
            min={limits.from}
            max={limits.to}
            required
          />
        </div>
        <div className="field">
          <label htmlFor={`${id}to`}>To</label>
          <input
            id={`${id}to`}
            name="to"
            type="date"
            defaultValue={dates.to}
            min={limits.from}
            max={limits.to}
            required
          />
        </div>
        <button className="button button--primary" type="submit">
          Show these dates
        </button>
      </form>
    </details>
  );
}
