import type { ServerStats } from '../config/index';

/** What the machine tells about the program, in bytes. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

type Metric = readonly [name: string, type: 'gauge' | 'counter', help: string, of: (stats: ServerStats) => number];

const metrics: Readonly<Record<keyof ServerStats, Metric>> = {
  uptime: ['uptime_seconds', 'gauge', 'How long the server has been running.', ({ uptime }) => uptime / 1_000],
  clients: ['clients', 'gauge', 'Clients that are connected.', ({ clients }) => clients],
  unauthenticated: [
    'unauthenticated',
    'gauge',
    'Connections whose client was not let in yet.',
    ({ unauthenticated }) => unauthenticated,
  ],
  channels: ['channels', 'gauge', 'Channels, hidden ones among them.', ({ channels }) => channels],
  retained: ['retained_messages', 'gauge', 'Messages that channels keep.', ({ retained }) => retained],
  delayed: ['delayed_messages', 'gauge', 'Messages that wait for their time.', ({ delayed }) => delayed],
  messagesIn: ['messages_in_total', 'counter', 'Messages of clients.', ({ messagesIn }) => messagesIn],
  messagesOut: [
    'messages_out_total',
    'counter',
    'Messages to clients, each receiver counted.',
    ({ messagesOut }) => messagesOut,
  ],
  bytesIn: ['characters_in_total', 'counter', 'Characters that clients said.', ({ bytesIn }) => bytesIn],
  bytesOut: ['characters_out_total', 'counter', 'Characters that were said to clients.', ({ bytesOut }) => bytesOut],
  dropped: ['dropped_messages_total', 'counter', 'Messages that were not passed on.', ({ dropped }) => dropped],
  refused: [
    'refused_connections_total',
    'counter',
    'Connections that were turned away, or ended for what they did.',
    ({ refused }) => refused,
  ],
  slow: [
    'slow_clients_total',
    'counter',
    'Clients that lost their connection because they did not read.',
    ({ slow }) => slow,
  ],
};

/** The text format of Prometheus, version 0.0.4. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

export function metricsText(stats: ServerStats, { rss, heapUsed }: Memory): string {
  return [
    ...Object.values(metrics).map(([name, type, help, of]) => sample(`oocsi_${name}`, type, help, of(stats))),
    sample('process_resident_memory_bytes', 'gauge', 'Memory that the program takes.', rss),
    sample('nodejs_heap_size_used_bytes', 'gauge', 'Memory that its values take.', heapUsed),
  ].join('');
}

function sample(name: string, type: string, help: string, value: number): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`;
}
