/**
 * The queue as a port: work that is durable when it was sent, and is done at least once. A job is leased to the worker that takes it; while the worker lives it renews the
 * lease, and when it dies the job is anybody's again once the lease has ended. So a handler may run twice for one job, and must make that come to the same.
 * Behind it: a table of SQLite for a store in a folder, pg-boss for one in PostgreSQL.
 */

/** A job as a handler gets it. */
export interface Job {
  readonly key: string;
  /** 1 the first time. */
  readonly attempt: number;
}

export interface Worker {
  /** Takes no more, and waits for what is running. */
  readonly stop: () => Promise<void>;
}

export interface Queue {
  /** Answers once the job is durable. A job of the same name and key that waits or runs already is not doubled; one that failed for good is tried anew. */
  readonly send: (name: string, key: string) => Promise<void>;
  /** One job after the other, oldest first. A handler that throws has its job tried again later, until `attemptsMax`. */
  readonly work: (name: string, handler: (job: Job) => Promise<void>) => Promise<Worker>;
  /** How many wait or run. */
  readonly open: (name: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface QueueOptions {
  /** How long a worker may be silent before its job is given to another. pg-boss wants ten seconds or more. */
  readonly leaseSeconds: number;
  /** How long a job whose handler threw waits. */
  readonly retrySeconds: number;
  /** After so many attempts a job is failed for good: one that kills its workers must not kill them for ever. */
  readonly attemptsMax: number;
  /** How often a worker without work looks for some that another process sent. */
  readonly pollMs: number;
  /** Told of a handler that threw. */
  readonly onError: (error: unknown) => void;
}

export const QUEUE_OPTIONS: QueueOptions = {
  leaseSeconds: 60,
  retrySeconds: 5,
  attemptsMax: 20,
  pollMs: 500,
  onError: (error) => console.error(`queue: ${error instanceof Error ? error.message : String(error)}`),
};
