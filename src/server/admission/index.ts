export { type Accounts, readAccounts } from './accounts';
export { type AdmissionResult, createAdmission } from './admission';
