/** What can go wrong with a journal. They are the errors of lab/journal in Python. */

/** The journal can't be used any more: one sentence says why. */
export class JournalError extends Error {}

/** Nothing was written: there is no space. Later there may be. */
export class JournalFullError extends Error {}

/** Redis does not answer. Whether it did what it was asked is not known. */
export class UnreachableError extends Error {}

/** The server at this address is a replica: an open connection does not lead to another one. */
export class ReplicaError extends UnreachableError {}

export const LOST_LEASE = "the other nodes have taken this one for dead";
