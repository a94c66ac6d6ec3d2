import { createClient } from '/oocsi.js';
import { showBanner } from '../banner.js';
import { createChart, seconds } from '../chart.js';
import { showStatus } from '../status.js';

/** How much of the past is drawn, and after how long a sender counts as silent, in seconds. */
const span = 60;
const pause = 2;

/** One chart per sender, so that no line is made of two machines. */
const charts = new Map();
let drawing = false;

const oocsi = createClient();
showStatus(oocsi, document.querySelector('#status'));
showBanner(oocsi);

oocsi.subscribe('live', ({ data, sender }) => {
  if (!charts.has(sender)) charts.set(sender, createFigure(sender));
  charts.get(sender).add(data);
  drawSoon();
});

// Old values leave even when no new ones come in.
setInterval(drawSoon, 1000);

/** However many messages come in, the page is drawn once per frame, and not at all while nobody sees it. */
function drawSoon() {
  if (!drawing) requestAnimationFrame(draw);
  drawing = true;
}

function draw() {
  drawing = false;
  for (const [sender, chart] of charts) {
    if (chart.silence() > span) {
      chart.remove();
      charts.delete(sender);
    } else {
      chart.draw();
    }
  }
  document.querySelector('#waiting').hidden = charts.size > 0;
}

function createFigure(sender) {
  const figure = document.querySelector('template').content.cloneNode(true).firstElementChild;
  const [name, load, memory, plot] = figure.querySelectorAll('h2, b, .plot');
  document.querySelector('#charts').append(figure);

  const columns = [[], [], []];
  const [times, loads, memories] = columns;
  const chart = createChart(plot, { span, colours: ['--load', '--memory'], unit: ' %' });

  const silence = () => seconds() - times.at(-1);

  function put(...values) {
    for (const [i, column] of columns.entries()) column.push(values[i]);
  }

  return {
    silence,
    add(data) {
      // A line across the time that was missed would tell of values that nobody measured.
      if (silence() > pause) put(seconds(), null, null);
      put(seconds(), percent(data.load), percent(data.memory));
      // The last value before that time stays: the line comes in from there.
      while (seconds() - times[1] > span) for (const column of columns) column.shift();
    },
    draw() {
      const silent = silence();
      name.textContent = silent > pause ? `${sender}, silent for ${Math.round(silent)} s` : sender;
      load.textContent = label(silent > pause ? null : loads.at(-1));
      memory.textContent = label(silent > pause ? null : memories.at(-1));
      chart.draw(columns);
    },
    remove() {
      chart.remove();
      figure.remove();
    },
  };
}

function percent(part) {
  return Number.isFinite(part) ? 100 * part : null;
}

function label(value) {
  return value === null ? '–' : `${Math.round(value)} %`;
}

const address = location.host === 'localhost:9000' ? '' : ` ${location.origin.replace('http', 'ws')}/ws`;
document.querySelector('#command').textContent += address;
