/** For whose share of what is kept, and of what waits, a message of a client counts. */
export const clientOwner = (handle: string): string => `client ${handle}`;
