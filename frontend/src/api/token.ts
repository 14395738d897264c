import { failureOf, offline, sessionOver } from './errors';

const REFRESH_URL = '/api/v1/auth/refresh/';
/** Share of a token's life after which the next request gets a new one first. */
const FRESH_SHARE = 0.8;

interface AccessToken {
  value: string;
  freshUntil: number;
}

export interface TokenSource {
  /** A token that is still fresh, got from the refresh cookie when need be. Throws ApiError. */
  get: () => Promise<string>;
  /** Get a new one because the server refused this one. A newer one that came meanwhile is used as it is. */
  replace: (refused: string) => Promise<string>;
}

type Lock = <T>(work: () => Promise<T>) => Promise<T>;

/** One refresh at a time among all tabs of the site: each one rotates the cookie that they share. */
const acrossTabs: Lock = async (work) =>
  'locks' in navigator ? await navigator.locks.request('stockcompare-refresh', work) : await work();

/** The access token lives in this closure only: not in storage, not in React, not in a URL. */
export function tokenSource(fetcher: typeof fetch, now: () => number, lock: Lock = acrossTabs): TokenSource {
  let token: AccessToken | null = null;
  let inFlight: Promise<string> | null = null;

  const renew = async (): Promise<string> => {
    token = await lock(() => requestToken(fetcher, now));
    return token.value;
  };
  const renewOnce = (): Promise<string> =>
    (inFlight ??= renew().finally(() => {
      inFlight = null;
    }));

  return {
    get: async () => (token && now() < token.freshUntil ? token.value : await renewOnce()),
    replace: async (refused) => {
      if (token?.value === refused) token = null;
      return token && now() < token.freshUntil ? token.value : await renewOnce();
    },
  };
}

async function requestToken(fetcher: typeof fetch, now: () => number): Promise<AccessToken> {
  const asked = now();
  let response: Response;
  try {
    response = await fetcher(REFRESH_URL, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'StockCompare' },
      body: '{}',
    });
  } catch {
    throw offline();
  }
  if (response.status === 401 || response.status === 403) throw sessionOver();
  if (!response.ok) throw await failureOf(response);
  const { access, expires_in } = (await response.json()) as { access: string; expires_in: number };
  return { value: access, freshUntil: asked + expires_in * 1000 * FRESH_SHARE };
}
