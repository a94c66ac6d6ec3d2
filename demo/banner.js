/** How long the good news stays, in ms. */
const newsTime = 6_000;

/** What it says of a page that never had a connection, and of one that lost it. */
const texts = {
  connecting: ['There is no connection yet. This page keeps trying. ', 'The connection is there. '],
  reconnecting: ['The connection is lost. This page keeps trying. ', 'The connection is back. '],
};

/**
 * Tells at the foot of the page when a client has had no connection for a while, and when it is back. A short gap is
 * nothing to tell a person of: `lost` comes after five seconds. Returns what removes it.
 */
export function showBanner(client) {
  const banner = document.createElement('p');
  const detail = document.createElement('small');
  banner.className = 'banner';
  // It is there from the start, and empty: only what changes in such an element is read aloud.
  banner.setAttribute('role', 'status');
  document.body.append(banner);

  let timer;
  function show(tone, text, more = '') {
    clearTimeout(timer);
    detail.textContent = more;
    banner.dataset.tone = tone;
    banner.replaceChildren(text, detail);
  }
  function hide() {
    delete banner.dataset.tone;
    banner.replaceChildren();
  }

  let news = '';
  let unsent = 0;
  const stops = [
    client.on('lost', () => {
      const { status, cause } = client.state;
      const [text, later] = texts[status];
      news = later;
      show('bad', text, cause?.message);
    }),
    client.on('dropped', (_message, reason) => {
      // What a newer message replaced is not missed by anybody.
      if (reason !== 'replaced') unsent++;
    }),
    client.on('restored', () => {
      show('good', news, unsent ? `${unsent} of your messages could not be sent.` : '');
      timer = setTimeout(hide, newsTime);
      unsent = 0;
    }),
    client.on('state', ({ status, cause }) => {
      if (status === 'closed') show('bad', 'This page is not connected any more. ', cause?.message);
    }),
  ];

  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
    banner.remove();
  };
}
