import { describe, expect, it, vi } from 'vitest';
import { address, createGet, type Get } from '../client';
import { ApiError } from '../errors';
import { tokenSource } from '../token';

type Answer = Response | Error;
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const token = (value: string): Response => json({ access: value, expires_in: 300 });

/** A server that gives these answers in turn, by kind of request, and remembers what it was asked. */
function server(answers: { refresh?: Answer[]; data?: Answer[] }): {
  fetcher: typeof fetch;
  asked: string[];
} {
  const asked: string[] = [];
  const fetcher = vi.fn<typeof fetch>((input, init) => {
    const url = input as string;
    const isRefresh = url.includes('/auth/refresh/');
    asked.push(isRefresh ? 'refresh' : `${url} ${new Headers(init?.headers).get('Authorization') ?? ''}`);
    const answer = (isRefresh ? answers.refresh : answers.data)?.shift();
    if (!answer) throw new Error(`Unexpected request: ${url}`);
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return { fetcher, asked };
}

function client(fetcher: typeof fetch, now = (): number => 0): { get: Get; waits: number[] } {
  const waits: number[] = [];
  const tokens = tokenSource(fetcher, now, (work) => work());
  const wait = (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    return Promise.resolve();
  };
  return { get: createGet({ fetcher, tokens, wait }), waits };
}

describe('the API client', () => {
  it('gets a token first and sends it', async () => {
    const { fetcher, asked } = server({ refresh: [token('one')], data: [json({ ok: true })] });

    expect(await client(fetcher).get('/data/')).toEqual({ ok: true });
    expect(asked).toEqual(['refresh', '/data/ Bearer one']);
  });

  it('refreshes once for many requests at the same time', async () => {
    const { fetcher, asked } = server({ refresh: [token('one')], data: [json(1), json(2), json(3)] });
    const { get } = client(fetcher);

    await Promise.all([get('/a/'), get('/b/'), get('/c/')]);

    expect(asked.filter((request) => request === 'refresh')).toHaveLength(1);
  });

  it('sends what the refresh endpoint asks for, with the cookie of this site only', async () => {
    const { fetcher } = server({ refresh: [token('one')], data: [json(1)] });
    await client(fetcher).get('/a/');

    const init = vi.mocked(fetcher).mock.calls[0]?.[1];
    expect(init).toMatchObject({ method: 'POST', credentials: 'same-origin' });
    expect(new Headers(init?.headers).get('X-Requested-With')).toBe('StockCompare');
  });

  it('gets a new token after 80 % of its life', async () => {
    let now = 0;
    const { fetcher, asked } = server({
      refresh: [token('one'), token('two')],
      data: [json(1), json(2), json(3)],
    });
    const { get } = client(fetcher, () => now);

    await get('/a/');
    now = 239_000;
    await get('/b/');
    now = 240_000;
    await get('/c/');

    expect(asked).toEqual(['refresh', '/a/ Bearer one', '/b/ Bearer one', 'refresh', '/c/ Bearer two']);
  });

  it('replaces a refused token once', async () => {
    const { fetcher, asked } = server({
      refresh: [token('old'), token('new')],
      data: [json({}, 401), json({ ok: true })],
    });

    expect(await client(fetcher).get('/a/')).toEqual({ ok: true });
    expect(asked).toEqual(['refresh', '/a/ Bearer old', 'refresh', '/a/ Bearer new']);
  });

  it('says that the session is over when a fresh token is refused, or none is given', async () => {
    const refused = server({ refresh: [token('a'), token('b')], data: [json({}, 401), json({}, 401)] });
    const none = server({ refresh: [json({}, 401)] });

    await expect(client(refused.fetcher).get('/a/')).rejects.toMatchObject({ kind: 'session' });
    await expect(client(none.fetcher).get('/a/')).rejects.toMatchObject({ kind: 'session' });
  });

  it('asks again after a failed connection or server, not after a refusal', async () => {
    const flaky = server({
      refresh: [token('a')],
      data: [new TypeError('net'), json({}, 503), json({ ok: true })],
    });
    const wrong = server({
      refresh: [token('a')],
      data: [json({ to: ['Write the date as YYYY-MM-DD.'] }, 400)],
    });
    const { get, waits } = client(flaky.fetcher);

    expect(await get('/a/')).toEqual({ ok: true });
    expect(waits).toEqual([300, 1000]);
    await expect(client(wrong.fetcher).get('/a/')).rejects.toThrow('Write the date as YYYY-MM-DD.');
    expect(wrong.asked).toHaveLength(2);
  });

  it('gives up with a sentence', async () => {
    const down = (): Answer => new TypeError('net');
    const { fetcher } = server({ refresh: [token('a')], data: [down(), down(), down()] });
    const html = server({ refresh: [token('a')], data: [new Response('<h1>404</h1>', { status: 404 })] });

    await expect(client(fetcher).get('/a/')).rejects.toEqual(
      new ApiError('offline', 'There is no connection to the server.'),
    );
    await expect(client(html.fetcher).get('/a/')).rejects.toMatchObject({ kind: 'refused', status: 404 });
  });

  it('reads the detail and the code of a refusal', async () => {
    const body = { detail: 'There are no bars of XYZ.', code: 'symbol_unknown' };
    const { fetcher } = server({ refresh: [token('a')], data: [json(body, 404)] });

    await expect(client(fetcher).get('/a/')).rejects.toMatchObject({ message: body.detail, code: body.code });
  });
});

describe('address', () => {
  it('adds the parameters that have a value', () => {
    expect(address('/api/v1/daily/', { symbols: 'AAPL,MSFT', from: undefined, page: 2 })).toBe(
      '/api/v1/daily/?symbols=AAPL%2CMSFT&page=2',
    );
    expect(address('/tile/?v=3', { phases: 'all' })).toBe('/tile/?v=3&phases=all');
    expect(address('/tile/')).toBe('/tile/');
  });
});
