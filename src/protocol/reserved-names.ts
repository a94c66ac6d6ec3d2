/** The channels on which the server tells what it does. */
export const systemChannels = {
  clients: 'OOCSI_clients',
  channels: 'OOCSI_channels',
  metrics: 'OOCSI_metrics',
  connections: 'OOCSI_connections',
  events: 'OOCSI_events',
} as const;

const system: ReadonlySet<string> = new Set(Object.values(systemChannels));

/** Names that no client can have. */
export function isReserved(name: string): boolean {
  // As answers, the last two would look like what the server says by itself.
  return /^(SERVER|ping|\.)$/.test(name) || name.startsWith('OOCSI_') || isServersOwn(name);
}

/** Channels that only the server speaks on: what comes from there is to be believed. */
export function isServersOwn(name: string): boolean {
  return name.startsWith('presence(') || isSystemChannel(name);
}

export function isSystemChannel(name: string): boolean {
  return name.endsWith('/?') || (name.startsWith('OOCSI_') && system.has(name));
}

/**
 * The name that a subscription to a presence is about.
 *
 * @example
 * watchedName('presence(colour)'); //=> 'colour'
 */
export function watchedName(text: string): string | undefined {
  return /^presence\(([\w-]+)\)(?=:|$)/.exec(text)?.[1];
}

/** Names that listings leave out, as the reference server does. */
export function isPublic(name: string): boolean {
  return !/[#+]|\/\?$/.test(name);
}
