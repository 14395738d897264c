import type { JSX } from 'react';
import { ApiError } from '../../api/errors';

/** One sentence and one action. */
export function Failure({ error, retry }: { error: Error; retry: () => void }): JSX.Element {
  const isOver = error instanceof ApiError && error.kind === 'session';
  return (
    <div className="notice notice--error" role="alert">
      <span>{sentence(error)}</span>
      {isOver ? (
        <a className="button" href={signInUrl()}>
          Sign in
        </a>
      ) : (
        <button className="button" type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

function sentence(error: Error): string {
  return error instanceof ApiError
    ? error.message
    : 'This chart failed to draw. The table below has its numbers.';
}

function signInUrl(): string {
  return `/sign-in/?next=${encodeURIComponent(location.pathname + location.search)}`;
}
