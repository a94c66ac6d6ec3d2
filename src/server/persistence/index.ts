export { Autosave } from './autosave';
export { type FileStoreOptions, fileStore } from './file-store';
export { createSnapshots, type SnapshotParts, type Snapshots } from './snapshot';
export {
  readSnapshot,
  type Snapshot,
  type Store,
  type StoredDelayed,
  type StoredMessage,
  type StoredRetained,
} from './store';
