/** What a channel or a recipient can be called: characters of any script, but no white space, which ends a name on the wire. */
export const channelName = /^[^\s\p{Cc}\p{Cs}]+$/u;

/** What servers tell the presence of, and apply functions to: the Java server cuts other names. */
export const plainName = /^[\w-]+$/;

/** The longest name of a channel or recipient, in bytes: all servers read it. */
export const longestName = 194;

/** The length of a text in UTF-8; half a character counts as the sign for a broken one. */
export function bytesOf(text: string): number {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd')).replace(/%../g, '-').length;
}
