import { createClient } from '/oocsi.js';
import { showBanner } from '../banner.js';
import { showStatus } from '../status.js';

const oocsi = createClient();
showStatus(oocsi, document.querySelector('#status'));
showBanner(oocsi);

/** Calls a service when a button is pressed, and tells what came of it. */
function ask(button, service, data, describe) {
  const line = document.querySelector(`output[for=${button}]`);
  document.querySelector(`#${button}`).addEventListener('click', async () => {
    line.textContent = 'Asking…';
    const start = performance.now();
    const passed = () => `${Math.round(performance.now() - start)} ms`;
    try {
      const answer = await oocsi.call('dice', service, data, { timeout: 2000 });
      line.textContent = `${describe(answer)} It took ${passed()}.`;
    } catch (error) {
      line.textContent = `${error.message} (${error.code}, after ${passed()})`;
    }
  });
}

ask('roll', 'roll', { sides: 6 }, ({ rolled }) => `It is a ${rolled}.`);
ask('ponder', 'ponder', { question: 'Why?' }, ({ answer }) => answer);
ask('fail', 'roll', { sides: 0 }, ({ rolled }) => `It is a ${rolled}.`);

const address = location.host === 'localhost:9000' ? '' : ` ${location.origin.replace('http', 'ws')}/ws`;
document.querySelector('#command').textContent += address;
