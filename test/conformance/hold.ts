import { readFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import { startServer } from '../../src/server/start-server';
import { createVirtualClock } from '../helpers/virtual-clock';
import { type Received, replay, type Transcript } from './replay';

/** The folders of transcripts beside this file. */
export type Folder = 'transcripts' | 'web-transcripts';

/** When the conversations are held: after all dates in them, as when they were recorded. */
const recordedIn2026 = Date.UTC(2026, 10, 22);

export async function load(folder: Folder, name: string): Promise<Transcript> {
  return JSON.parse(await readFile(new URL(`${folder}/${name}.json`, import.meta.url), 'utf8'));
}

/** Holds a conversation with a server of its own. */
export async function hold(folder: Folder, name: string): Promise<Received[]> {
  const clock = createVirtualClock();
  await clock.advance(recordedIn2026 - clock.now());
  const transcript = await load(folder, name);
  const server = await startServer({ port: 0, tcpPort: 0, clock, users: transcript.users ?? [] });
  onTestFinished(() => server.close());
  return replay(transcript, server, clock);
}
