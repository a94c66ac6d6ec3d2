/** Whether `given` is the secret, in a time that depends on `given` only: it tells nothing about what would be right. */
export function isSecret(secret: string, given: Pick<string, 'length' | 'charCodeAt'>): boolean {
  let difference = secret.length ^ given.length;
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ secret.charCodeAt(at % secret.length);
  return difference === 0;
}
