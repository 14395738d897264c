import { useMemo, useState, type JSX } from 'react';
import type { Coverage, Status } from '../../api/types';
import type { SessionTable } from '../../shared/chart/sessions';
import { readBoot } from '../../shared/page/boot';
import { Failure } from '../../shared/page/failure';
import { loadAggregates } from '../../shared/page/load-aggregates';
import { loadSessions } from '../../shared/page/load-sessions';
import { useLoad } from '../../shared/page/use-load';
import { count } from '../../shared/text/numbers';
import { completeness, coverageByYear, type MonthCoverage } from './months';

const API = '/api/v1/';
/** Symbols whose months are loaded at once; the table beneath has all of them. */
const MOST_AT_FIRST = 6;
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

interface CoverageBoot {
  status: Status | null;
}

/** How complete each month of each symbol is. */
export function CoverageIsland(): JSX.Element | null {
  const [boot] = useState(() => readBoot() as CoverageBoot);
  const covered = boot.status?.coverage ?? [];
  const [most, setMost] = useState(MOST_AT_FIRST);
  const whole = {
    from: covered.map((each) => each.first_session).sort()[0] ?? '',
    to:
      covered
        .map((each) => each.last_session)
        .sort()
        .at(-1) ?? '',
  };
  const {
    data: sessions,
    error,
    retry,
  } = useLoad(covered.length ? 'sessions' : null, (signal) => loadSessions(API, whole, signal));
  if (covered.length === 0) return null;
  if (error) return <Failure error={error} retry={retry} />;
  return (
    <div className="coverage">
      <Key />
      {covered.slice(0, most).map((each) => (
        <SymbolCoverage key={each.symbol} coverage={each} sessions={sessions} />
      ))}
      {covered.length > most && (
        <button className="button" type="button" onClick={() => setMost(covered.length)}>
          Show all {count(covered.length)} symbols
        </button>
      )}
    </div>
  );
}

function Key(): JSX.Element {
  return (
    <ul className="legend" aria-label="Key">
      <li>
        <span className="cell-key" data-completeness="whole" /> every minute there
      </li>
      <li>
        <span className="cell-key" data-completeness="nearly" /> under 1 % missing
      </li>
      <li>
        <span className="cell-key" data-completeness="partly" /> more missing
      </li>
      <li>The number is the minutes missing.</li>
    </ul>
  );
}

function SymbolCoverage({
  coverage,
  sessions,
}: {
  coverage: Coverage;
  sessions: SessionTable | null;
}): JSX.Element {
  const { symbol, first_session: from, last_session: to } = coverage;
  const { data, error, retry } = useLoad(symbol, (signal) =>
    loadAggregates(API, 'daily', [symbol], { from, to }, 'raw', signal),
  );
  const years = useMemo(
    () => (data && sessions ? coverageByYear(data.rows, sessions) : []),
    [data, sessions],
  );
  if (error) return <Failure error={error} retry={retry} />;
  return (
    <div className="table-wrap" tabIndex={0} role="region" aria-label={`Months of ${symbol}`}>
      <table className="months" aria-busy={years.length === 0}>
        <caption>
          <b>{symbol}</b> {count(coverage.present_minutes)} of {count(coverage.expected_minutes)} regular
          minutes
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Year</span>
            </th>
            {MONTH_NAMES.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {years.map(({ year, months }) => (
            <tr key={year}>
              <th scope="row">{year}</th>
              {months.map((month, place) => (
                <MonthCell key={MONTH_NAMES[place]} month={month} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MonthCell({ month }: { month: MonthCoverage | null }): JSX.Element {
  if (!month) return <td className="months__cell" />;
  const missing = Math.max(0, month.expected - month.present);
  return (
    <td
      className="months__cell"
      data-completeness={completeness(month)}
      title={`${count(month.present)} of ${count(month.expected)} minutes`}
    >
      {missing === 0 ? '' : count(missing)}
      {missing === 0 && <span className="visually-hidden">none missing</span>}
    </td>
  );
}
