import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from '../http/index';
import { isInAdvance } from './origin-policy';

/** Whether a person's browser asks for a whole page, so that the person can be asked: frames and images cannot. */
export function isNavigation({ method, headers }: IncomingMessage): boolean {
  const { accept = '', 'sec-fetch-mode': mode = 'navigate', 'sec-fetch-dest': into = 'document' } = headers;
  if (isInAdvance(headers)) return false;
  return method === 'GET' && accept.includes('text/html') && mode === 'navigate' && into === 'document';
}

/** A page that asks before an address does anything: the click on its link comes from this server, not from elsewhere. */
export function askFirst(address: string): HttpResponse {
  const shown = escaped(address);
  const body = `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>OOCSI</title>
<style>body { max-width: 32rem; margin: 2rem auto; padding: 0 1rem; font: 1.125rem/1.5 system-ui, sans-serif }</style>
<p>This address does something on this OOCSI server, and your browser does not say that you want it: a code, a link or
another page may have led here.</p>
<p><a href="${shown}">Open ${shown}</a></p>
`;
  return { status: 403, type: 'text/html; charset=utf-8', body, headers: guarded };
}

// In a frame of another page it would be clicked without being seen. The link must say where it stands.
const guarded = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
};

const signs = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => signs.get(sign) ?? sign);
}
