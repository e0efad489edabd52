/** One connection to a Redis server, and what its errors mean to a node. */

import { ErrorReply, RESP_TYPES, createClient } from "redis";

import {
  JournalError,
  JournalFullError,
  LOST_LEASE,
  ReplicaError,
  UnreachableError,
} from "./contract.mjs";

/** How long a connection waits before it is opened again. */
export const AGAIN_MS = 50;

const AS_BYTES = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };

export class Connection {
  #url;
  #withinMs;
  #client;
  /** Channel -> who listens. @type {Map<string, (data: Buffer) => void>} */
  #listeners = new Map();
  #earlier = Promise.resolve();

  /**
   * @param {string} url
   * @param {number} withinMs how long Redis may take to answer
   */
  constructor(url, withinMs) {
    this.#url = url;
    this.#withinMs = withinMs;
    this.#open();
  }

  #open() {
    this.#client = createClient({
      url: this.#url,
      disableOfflineQueue: true,
      socket: { connectTimeout: this.#withinMs, reconnectStrategy: () => AGAIN_MS },
    });
    this.#client.on("error", () => {}); // without a listener it would end the process
    this.#client.connect().catch(() => {}); // it connects again by itself
    const listeners = [...this.#listeners];
    this.#client.once("ready", () => {
      for (const [channel, heard] of listeners) this.subscribe(channel, heard).catch(() => {});
    });
  }

  /**
   * Ask Redis. Texts of the answer are bytes.
   *
   * @param {(string | number | Buffer)[]} words
   * @throws {UnreachableError} it does not answer
   * @throws {JournalFullError} it has no space; nothing has changed
   * @throws {JournalError} the lease is over, or anything else
   */
  async ask(words) {
    const client = this.#client;
    const parts = words.map((word) => (typeof word === "number" ? String(word) : word));
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => {
        reject(new UnreachableError(`no answer within ${this.#withinMs / 1000} s`));
        if (client === this.#client) this.renew();
      }, this.#withinMs);
    });
    try {
      return await Promise.race([client.sendCommand(parts, AS_BYTES), late]);
    } catch (error) {
      throw translated(error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Call back for each message on a channel, in bytes, until `unsubscribe`. Throws as `ask`. */
  subscribe(/** @type {string} */ channel, /** @type {(data: Buffer) => void} */ heard) {
    return this.#afterEarlier(async () => {
      await this.#client.subscribe(channel, heard, true);
      this.#listeners.set(channel, heard);
    });
  }

  /** End `subscribe`. Throws as `ask`. */
  unsubscribe(/** @type {string} */ channel) {
    return this.#afterEarlier(async () => {
      this.#listeners.delete(channel);
      await this.#client.unsubscribe(channel);
    });
  }

  /** The client forgets a listener that comes while it unsubscribes from the channel: one by one. */
  async #afterEarlier(/** @type {() => Promise<void>} */ job) {
    const done = this.#earlier.then(job);
    this.#earlier = done.catch(() => {});
    try {
      await done;
    } catch (error) {
      throw translated(error);
    }
  }

  close() {
    if (this.#client.isOpen) this.#client.destroy();
  }

  /** Open another connection: this one may not lead to where it should, or not answer any more. */
  renew() {
    this.close();
    this.#open();
  }
}

/** The first word of an error of Redis -> what it means; `said` is the whole error. */
const MEANINGS = {
  OUT: () => new JournalError(LOST_LEASE),
  OOM: (said) => new JournalFullError(said),
  MISCONF: (said) => new JournalFullError(said),
  NOREPLICAS: (said) => new JournalFullError(said),
  READONLY: () => new ReplicaError("it has become a replica"),
  UNBLOCKED: () => new UnreachableError("it is becoming a replica"),
  BUSY: () => new UnreachableError("it runs another program's script"),
  LOADING: (said) => new UnreachableError(said),
  MASTERDOWN: (said) => new UnreachableError(said),
  NOAUTH: (said) => new JournalError(`Redis does not let this node in: ${said}`),
};

function translated(error) {
  if (!(error instanceof ErrorReply)) return new UnreachableError(error.message);
  const said = error.message;
  const meaning = MEANINGS[said.split(" ", 1)[0]];
  return meaning === undefined ? new JournalError(`Redis: ${said}`) : meaning(said);
}
