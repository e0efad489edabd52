/** The names of rooms, in the order of their code points. */
export class Names {
  /** In UTF-8: its bytes have the order of code points, UTF-16 units don't. @type {Buffer[]} */
  #sorted = [];

  add(/** @type {string} */ name) {
    const bytes = Buffer.from(name);
    this.#sorted.splice(this.#place(bytes), 0, bytes);
  }

  delete(/** @type {string} */ name) {
    this.#sorted.splice(this.#place(Buffer.from(name)) - 1, 1);
  }

  /** At most `most` names after `name` (null: from the first), and whether there are more. */
  after(/** @type {string | null} */ name, /** @type {number} */ most) {
    const start = name === null ? 0 : this.#place(Buffer.from(name));
    const page = this.#sorted.slice(start, start + most).map(String);
    return { page, more: this.#sorted.length > start + most };
  }

  /** How many names are smaller than this one or equal to it. */
  #place(/** @type {Buffer} */ bytes) {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(this.#sorted[middle], bytes) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
