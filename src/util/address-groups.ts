/** Addresses that are counted together, and how often a limit for one of them counts for all. */
export interface AddressGroup {
  readonly name: string;
  readonly times: number;
}

/** A site, /48, has 65,536 networks; so many times what one network may have is allowed to all of them. */
const networksOfASite = 8;

/**
 * The groups that an address belongs to. Of IPv6, whoever has one address has all of its network (/64), and often a site
 * with very many networks (/48): to count them one by one would bound nobody.
 *
 * @example
 * groupsOf('192.0.2.7'); //=> [{ name: '192.0.2.7', times: 1 }]
 * groupsOf('2001:db8::7'); //=> [{ name: '2001:db8:0:0::/64', times: 1 }, { name: '2001:db8:0::/48', times: 8 }]
 */
export function groupsOf(address: string): readonly [AddressGroup, ...AddressGroup[]] {
  const network = networkOf(address);
  if (!network) return [{ name: address, times: 1 }];
  return [
    { name: `${network.join(':')}::/64`, times: 1 },
    { name: `${network.slice(0, 3).join(':')}::/48`, times: networksOfASite },
  ];
}

/** The first 64 bits of an address of IPv6, as four numbers in hexadecimal; undefined for any other address. */
function networkOf(address: string): readonly string[] | undefined {
  // IPv4 has no colons, and what has dots besides carries an address of IPv4.
  if (!address.includes(':') || address.includes('.')) return undefined;
  const [start = '', end] = address.replace(/%.*/s, '').toLowerCase().split('::');
  const before = partsOf(start);
  const after = partsOf(end ?? '');
  const missing = end === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  // The machine itself is no network.
  if (all.slice(0, 4).every((part) => part === '0')) return undefined;
  return all.slice(0, 4).map((part) => part.replace(/^0+(?=.)/, ''));
}

function partsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
