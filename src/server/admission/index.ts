export { readUsers, type Users } from './accounts';
export { createAdmission, type Verdict } from './admission';
