import { useCallback, useEffect, useState } from 'react';

export interface Loaded<T> {
  /** The newest answer; while another one loads, the one before. */
  data: T | null;
  error: Error | null;
  isLoading: boolean;
  retry: () => void;
}

interface Held<T> {
  key: string | null;
  data: T | null;
  error: Error | null;
}

/**
 * Load what `key` names and load again when it changes; a null key loads nothing. An answer that is no longer wanted
 * is dropped. `initial` is the answer for the first key, when the page already brought it.
 */
export function useLoad<T>(
  key: string | null,
  load: (signal: AbortSignal) => Promise<T>,
  initial: T | null = null,
): Loaded<T> {
  const [held, setHeld] = useState<Held<T>>({
    key: initial === null ? null : key,
    data: initial,
    error: null,
  });
  const [attempt, setAttempt] = useState(0);
  const wanted = key === null || (held.key === key && !held.error) ? null : key;

  useEffect(() => {
    if (wanted === null) return;
    const abort = new AbortController();
    load(abort.signal).then(
      (data) => {
        if (!abort.signal.aborted) setHeld({ key: wanted, data, error: null });
      },
      (error: unknown) => {
        if (!abort.signal.aborted)
          setHeld((before) => ({ key: wanted, data: before.data, error: asError(error) }));
      },
    );
    return () => abort.abort();
    // `load` is a new function at every render; what it loads is named by the key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, attempt]);

  const failed = held.key === key ? held.error : null;
  const retry = useCallback(() => setAttempt((before) => before + 1), []);
  return { data: held.data, error: failed, isLoading: wanted !== null && !failed, retry };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
