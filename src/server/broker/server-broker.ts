import type { Link, LinkEvents } from '../../protocol/index';
import type { Clock } from '../../util/index';
import type { Peer, Subscriber } from '../domain/index';
import { createSnapshots, type SnapshotParts, type Snapshots } from '../persistence/index';
import type { Handles } from './client-registry';
import type { Inquiries } from './queries';
import type { Hub } from './session-host';
import { sayFarewell } from './shutdown';

/** What other parts of the same server may ask of a broker besides. */
export interface Home extends Inquiries, Snapshots {
  /** Takes the link of a part of the server that others reach by `handle`. */
  attach(handle: string, link: Link, peer?: Peer): LinkEvents;
  /** Says goodbye to every client, spread over up to 2 s when they are many; what is kept and delayed stays. */
  leave(): Promise<void>;
}

/** What a home is made of. */
export interface Household extends SnapshotParts {
  readonly clock: Clock;
  readonly handles: Handles;
  readonly hub: Hub;
  readonly inquiries: Inquiries;
  readonly connections: ReadonlySet<Subscriber>;
  /** From now on, nobody is told who else goes. */
  hush(): void;
}

export function createHome(household: Household): Home {
  const { clock, handles, hub, inquiries, connections, hush } = household;
  return {
    ...inquiries,
    ...createSnapshots(household),
    attach: (handle, link, peer) => handles.attach(handle, hub, link, peer),
    leave() {
      hush();
      return sayFarewell(clock, connections, (connection) => connection.end(connection.wording.bye, 'closed'));
    },
  };
}
