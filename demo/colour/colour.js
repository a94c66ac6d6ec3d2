import { createClient } from '/oocsi.js';
import { showBanner } from '../banner.js';
import { showStatus } from '../status.js';

const slider = document.querySelector('#hue');
const number = document.querySelector('#number');
const author = document.querySelector('#author');

// Unlike connect(), this does not wait for the server: the page works at once, and joins in as soon as it can.
const oocsi = createClient();
showStatus(oocsi, document.querySelector('#status'));
showBanner(oocsi);

slider.addEventListener('input', () => {
  // Without a connection only the last colour waits for one: nobody needs to see all of them.
  const sent = oocsi.send('colourChannel', { color: slider.valueAsNumber }, { whenOffline: 'latest' });
  paint(sent === 'sent' ? 'Set by you.' : 'Set by you. The others see it when the connection is back.');
});

oocsi.subscribe('colourChannel', ({ data, sender }) => {
  if (!Number.isFinite(data.color)) return;
  slider.value = data.color;
  paint(`Set by ${sender}.`);
});

function paint(who) {
  document.documentElement.style.setProperty('--hue', slider.value);
  number.textContent = `${slider.value}°`;
  author.textContent = who;
}

paint(author.textContent);
