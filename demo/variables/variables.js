import { createClient } from '/oocsi.js';
import { showBanner } from '../banner.js';
import { createChart, seconds } from '../chart.js';
import { showStatus } from '../status.js';

const oocsi = createClient();
showStatus(oocsi, document.querySelector('#status'));
showBanner(oocsi);

// The server keeps the last message of a channel, here for an hour, so that a window that is opened later has the value,
// too. It keeps one for each channel, so each variable has a channel of its own.
const options = { initial: 50, min: 0, max: 100, retain: 3600 };
const size = 20;
const plain = oocsi.variable('plainSlider', 'position', options);
const smooth = oocsi.variable('smoothSlider', 'position', { ...options, smooth: { window: size } });

const plainSlider = document.querySelector('#plain');
const smoothSlider = document.querySelector('#smooth');

plainSlider.addEventListener('input', () => plain.set(plainSlider.valueAsNumber));

plain.subscribe((value, origin) => {
  plainSlider.value = value;
  document.querySelector('#plain-value').textContent = `${value} ${origin}`;
});

// The mean of twenty values is where the slider is once that was set twenty times.
let toSet = 0;
smoothSlider.addEventListener('input', () => {
  toSet = size;
});

smooth.subscribe((value, origin) => {
  document.querySelector('#smooth-value').textContent = `${Math.round(value)} ${origin}`;
  // In the window where it is moved, the slider stays where the hand put it, and the value comes after.
  if (origin === 'local') return;
  smoothSlider.value = value;
  toSet = 0;
});

const span = 15;
const chart = createChart(document.querySelector('#plot'), { span, colours: ['--plain', '--smooth'] });
const columns = [[], [], []];

setInterval(() => {
  if (toSet-- > 0) smooth.set(smoothSlider.valueAsNumber);

  for (const [i, value] of [seconds(), plain.value, smooth.value].entries()) columns[i].push(value);
  // The last value before that time stays: the line comes in from there.
  while (seconds() - columns[0][1] > span) for (const column of columns) column.shift();
  chart.draw(columns);
}, 50);
