/** Says in `element` how a client is doing, from now on. Returns what stops it. */
export function showStatus(client, element) {
  const show = (now, before) => {
    const text = describe(now, before, client.handle);
    element.dataset.tone = now.status === 'connected' ? 'good' : 'cause' in now ? 'bad' : 'busy';
    // Each change is read aloud to those who cannot see it, so the same words are not said twice.
    if (element.textContent !== text) element.textContent = text;
  };
  element.classList.add('status');
  element.setAttribute('aria-live', 'polite');
  show(client.state);
  return client.on('state', show);
}

function describe({ status, cause }, before, handle) {
  const reason = cause ? ` ${cause.message}` : '';
  if (status === 'connecting') return cause ? `Not connected yet, trying again.${reason}` : 'Connecting…';
  if (status === 'reconnecting') return `Connection lost, trying again.${reason}`;
  if (status === 'closed') return `Not connected any more.${reason}`;
  return before?.status === 'reconnecting' ? `Connected again as ${handle}.` : `Connected as ${handle}.`;
}
