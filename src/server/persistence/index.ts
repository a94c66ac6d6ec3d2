export { createKeeper, type Keeper } from './autosave';
export { type FileStoreOptions, fileStore } from './file-store';
export { createKeepsakes, type Keepsakes, type Stock } from './snapshot';
export {
  readSnapshot,
  type Snapshot,
  type Store,
  type StoredDelayed,
  type StoredMessage,
  type StoredRetained,
} from './store';
