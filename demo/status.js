/** Says in `element` how a client is doing, from now on. Returns what stops it. */
export function showStatus(client, element) {
  const show = (now, before) => {
    const text = describe(now, before, client.handle);
    element.dataset.tone = now.status === 'connected' ? 'good' : 'cause' in now ? 'bad' : 'busy';
    element.textContent = text;
  };
  element.classList.add('status');
  // The banner is what is read aloud: this changes too often.
  element.setAttribute('aria-live', 'off');
  show(client.state);
  return client.on('state', show);
}

function describe({ status, cause }, before, handle) {
  // The reason is in the banner, where it moves nothing on the page.
  if (status === 'connecting') return cause ? 'Not connected yet, trying again.' : 'Connecting…';
  if (status === 'reconnecting') return 'Connection lost, trying again.';
  if (status === 'closed') return 'Not connected any more.';
  return before?.status === 'reconnecting' ? `Connected again as ${handle}.` : `Connected as ${handle}.`;
}
