import { createClient } from '/oocsi.js';
import { showStatus } from '../status.js';

const slider = document.querySelector('#hue');
const number = document.querySelector('#number');
const author = document.querySelector('#author');

// Unlike connect(), this does not wait for the server: the page works at once, and joins in as soon as it can.
const oocsi = createClient();
showStatus(oocsi, document.querySelector('#status'));

slider.addEventListener('input', () => {
  const sent = oocsi.send('colourChannel', { color: slider.valueAsNumber });
  paint(sent === 'sent' ? 'Set by you.' : 'Set in this window only: there is no connection now.');
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
