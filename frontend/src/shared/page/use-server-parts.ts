import { useState } from 'react';
import { refreshServerParts } from './server-parts';
import { useLoad, type Loaded } from './use-load';

/** Keep the server's parts of the page in step with the address that the island chose. */
export function useServerParts(url: string): Loaded<true> {
  const [first] = useState(url);
  const [hasChanged, setChanged] = useState(false);
  if (url !== first && !hasChanged) setChanged(true);
  return useLoad<true>(hasChanged ? url : null, async (signal) => {
    await refreshServerParts(url, signal);
    return true;
  });
}
