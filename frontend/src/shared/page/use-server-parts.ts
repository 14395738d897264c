import { useEffect, useRef } from 'react';
import { refreshServerParts } from './server-parts';

/** Keep the server's parts of the page in step with the address that the island chose. */
export function useServerParts(url: string): void {
  const shown = useRef(url);
  useEffect(() => {
    if (shown.current === url) return;
    const abort = new AbortController();
    shown.current = url;
    refreshServerParts(url, abort.signal).catch(() => {
      // The chart reports a lost connection; stale words beneath it are marked with their dates.
    });
    return () => abort.abort();
  }, [url]);
}
