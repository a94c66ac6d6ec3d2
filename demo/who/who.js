import { createClient } from '/oocsi.js';
import { showBanner } from '../banner.js';
import { showStatus } from '../status.js';

// The form loads this page again with ?name=… behind its address. In a handle there are no blanks.
const name = new URLSearchParams(location.search)
  .get('name')
  ?.replace(/[^\w-]+/g, '_')
  .slice(0, 30);
document.querySelector('#name').value = name ?? '';

// Two windows may ask for the same name: then one of them gets digits behind it.
const oocsi = createClient(undefined, { handle: name || 'guest_###', onHandleTaken: 'suffix' });
showStatus(oocsi, document.querySelector('#status'));
showBanner(oocsi);

// Whoever listens to the channel is there. Nobody says anything on this one.
oocsi.subscribe('lobby', () => {});

const lobby = oocsi.presence('lobby');
const list = document.querySelector('#members');
const news = document.querySelector('#news');

lobby.subscribe((event) => {
  list.replaceChildren(...[...lobby.members].sort().map(createItem));
  if (event.type === 'join') news.textContent = `${event.who} came.`;
  if (event.type === 'leave') news.textContent = `${event.who} left.`;
});

// Without a connection, this is who was here.
oocsi.on('state', ({ status }) => list.classList.toggle('muted', status !== 'connected'));

function createItem(who) {
  const item = document.createElement('li');
  item.textContent = who === oocsi.handle ? `${who} (you)` : who;
  return item;
}
