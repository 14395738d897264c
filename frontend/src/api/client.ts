import { ApiError, failureOf, offline, sessionOver } from './errors';
import { tokenSource, type TokenSource } from './token';

const WAITS_BEFORE_RETRY = [300, 1000] as const;

export type Query = Readonly<Record<string, string | number | undefined>>;
export type Get = <T>(path: string, query?: Query, signal?: AbortSignal) => Promise<T>;

interface Surroundings {
  fetcher: typeof fetch;
  tokens: TokenSource;
  wait: (milliseconds: number) => Promise<void>;
}

/** "/api/v1/daily/?symbols=AAPL%2CMSFT": parameters without a value are left out. */
export function address(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  const text = new URLSearchParams(given).toString();
  if (!text) return path;
  return path + (path.includes('?') ? '&' : '?') + text;
}

/** A reader of the API: adds the token, gets a new one once on a 401, asks again only when that may help. */
export function createGet({ fetcher, tokens, wait }: Surroundings): Get {
  const once = async (url: string, token: string, signal?: AbortSignal): Promise<Response> => {
    try {
      const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json' };
      return await fetcher(url, { headers, ...(signal && { signal }) });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw offline();
    }
  };

  const authorized = async <T>(url: string, signal?: AbortSignal): Promise<T> => {
    const token = await tokens.get();
    let response = await once(url, token, signal);
    if (response.status === 401) response = await once(url, await tokens.replace(token), signal);
    if (response.status === 401) throw sessionOver();
    if (!response.ok) throw await failureOf(response);
    return (await response.json()) as T;
  };

  return async <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => {
    const url = address(path, query);
    for (let attempt = 0; ; attempt++) {
      try {
        return await authorized<T>(url, signal);
      } catch (error) {
        const pause = WAITS_BEFORE_RETRY[attempt];
        if (pause === undefined || !mayHelp(error)) throw error;
        await wait(pause);
        signal?.throwIfAborted();
      }
    }
  };
}

function mayHelp(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    (error.kind === 'offline' || (error.kind === 'server' && error.status >= 500))
  );
}

const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
const browserFetch: typeof fetch = (input, init) => window.fetch(input, init);

/** The page's reader of the API. */
export const get: Get = createGet({
  fetcher: browserFetch,
  tokens: tokenSource(browserFetch, () => Date.now()),
  wait,
});
