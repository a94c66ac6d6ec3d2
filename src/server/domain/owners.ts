/** The owner that messages of a client count for, where they are kept or wait. */
export const clientOwner = (handle: string): string => `client ${handle}`;
