import { isIP } from 'node:net';

/** An address as people write it: of IPv4 also where the machine speaks IPv6. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Whether a text is an address, not a name. */
export function isAddress(host: string): boolean {
  return isIP(host) > 0;
}

/** Whether an address, or the name of a host, is this machine itself. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}
