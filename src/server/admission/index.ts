export { type Accounts, readAccounts } from './accounts';
export { Admission, type AdmissionResult } from './admission';
