import { existsSync } from 'node:fs';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Where this machine keeps its Chromium; `CHROMIUM` in the environment counts first.
 *
 * @returns {string | undefined}
 */
export function chromiumPath() {
  return process.env.CHROMIUM ?? places.find((place) => existsSync(place));
}
