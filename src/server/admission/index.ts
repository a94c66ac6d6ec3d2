export { type Accounts, readAccounts } from './accounts';
export { type Admission, type AdmissionResult, createAdmission } from './admission';
