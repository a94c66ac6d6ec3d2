/**
 * Where a web server leads to that answers with a redirect: as an address for `connect`, and without what may be a secret.
 *
 * @example
 * shownRedirect('https://me:secret@studio.example/ws?token=secret'); //=> 'wss://studio.example/ws'
 */
export function shownRedirect(location: string): string {
  return location
    .replace(/[?#].*/s, '')
    .replace(/^http/, 'ws')
    .replace(/\/\/.*@/, '//');
}
