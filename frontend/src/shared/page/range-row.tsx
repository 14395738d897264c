import { useId, useRef, type JSX, type MouseEvent, type SubmitEvent } from 'react';
import { dateSpan, shortDate } from '../text/dates';
import type { DateRange, NamedRange, RangeName } from './boot';

interface RangeRowProps {
  ranges: readonly NamedRange[];
  current: RangeName | '';
  dates: DateRange;
  hrefOf: (range: NamedRange) => string;
  onRange: (range: NamedRange) => void;
  onDates: (dates: DateRange) => void;
}

/** 1D … MAX, and any dates between. A range that the data do not reach is shown, and says why it is off. */
export function RangeRow({ ranges, current, dates, hrefOf, onRange, onDates }: RangeRowProps): JSX.Element {
  const whole = ranges.find((range) => range.name === 'MAX') ?? dates;
  return (
    <div className="range-row">
      <nav className="segments" aria-label="Range">
        {ranges.map((range) =>
          range.available ? (
            <a
              key={range.name}
              className="segments__item"
              href={hrefOf(range)}
              aria-current={range.name === current ? 'true' : undefined}
              title={dateSpan(range.from, range.to)}
              onClick={(event) => follow(event, () => onRange(range))}
            >
              {range.name}
            </a>
          ) : (
            <span
              key={range.name}
              className="segments__item"
              aria-disabled="true"
              title={`The bars begin on ${shortDate(whole.from, true)}.`}
            >
              {range.name}
            </span>
          ),
        )}
      </nav>
      <DatesMenu dates={dates} limits={whole} isCurrent={current === ''} onDates={onDates} />
    </div>
  );
}

/** A plain click stays on the page; one that asks for a new tab or window is the browser's. */
function follow(event: MouseEvent, choose: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  choose();
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
