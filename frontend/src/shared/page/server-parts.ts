import { failureOf, offline, sessionOver } from '../../api/errors';

/**
 * The parts of a page that the server writes (heading, finding, caption, table), fetched anew after a choice made
 * in the island, so that one template says them for everybody. They are marked `data-part="name"`.
 */
export async function refreshServerParts(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetchPage(url, signal);
  if (response.redirected) throw sessionOver();
  if (!response.ok) throw await failureOf(response);
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  if (signal.aborted) return;
  replaceParts(document, fresh);
}

async function fetchPage(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { credentials: 'same-origin', headers: { Accept: 'text/html' }, signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw offline();
  }
}

export function replaceParts(page: Document, fresh: Document): void {
  page.title = fresh.title;
  for (const part of page.querySelectorAll<HTMLElement>('[data-part]')) {
    const name = part.dataset['part'] ?? '';
    const replacement = fresh.querySelector(`[data-part="${CSS.escape(name)}"]`);
    part.replaceChildren(...Array.from(replacement?.childNodes ?? [], (node) => page.importNode(node, true)));
  }
}
