/**
 * Why a request gave no answer:
 * `offline` nothing came back, `session` the person must sign in again, `refused` the request itself is wrong
 * (asking again will not help), `server` the server failed (asking again may help).
 */
export type FailureKind = 'offline' | 'session' | 'refused' | 'server';

/** A request that failed. Its message is a sentence for the person at the screen. */
export class ApiError extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
    readonly status = 0,
    readonly code = '',
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const SENTENCES: Record<FailureKind, string> = {
  offline: 'There is no connection to the server.',
  session: 'Your session is over. Sign in again to go on.',
  refused: 'The server refused this request.',
  server: 'The server could not answer.',
};

export function offline(): ApiError {
  return new ApiError('offline', SENTENCES.offline);
}

export function sessionOver(): ApiError {
  return new ApiError('session', SENTENCES.session, 401);
}

/** What a failed answer says: its `detail`, or the first sentence about a parameter. */
export async function failureOf(response: Response): Promise<ApiError> {
  const kind = response.status >= 500 || response.status === 429 ? 'server' : 'refused';
  const body = await readBody(response);
  const code = typeof body['code'] === 'string' ? body['code'] : '';
  return new ApiError(kind, sentenceIn(body) ?? SENTENCES[kind], response.status, code);
}

async function readBody(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    // A proxy's HTML page: the status says enough.
    return {};
  }
}

function sentenceIn(body: Record<string, unknown>): string | undefined {
  if (typeof body['detail'] === 'string') return body['detail'];
  for (const value of Object.values(body)) {
    if (Array.isArray(value) && typeof value[0] === 'string') return value[0];
  }
  return undefined;
}
