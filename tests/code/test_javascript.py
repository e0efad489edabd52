"""A JavaScript module as definitions: units with their own lines, and what they use."""

from __future__ import annotations

import pytest

from lab.code import javascript
from lab.code.module import BODY, Module, Ref

KNOWN = {"node/one.mjs", "node/room.mjs", "node/lib/text.mjs"}

SOURCE = """\
// A server.
import { createServer } from "node:http";
import { Room, say as sayIn } from "./room.mjs";
import * as text from "./lib/text.mjs";
import {
  one,
  two,
} from "./room.mjs";

const LIMIT = 3; // class in { a comment
const { first, second } = two();
export const fold = (words) => {
  return words.map((word) => text.trim(word));
};

export class Server extends Room {
  #open = new Set();
  bound =
    LIMIT;

  constructor(chat, { bytes = LIMIT } = {}) {
    super(chat);
    const quoted = `}} class Fake { ${sayIn(`nested ${chat}`)} `;
    this.slash = /[}/]/;
  }

  static async open(
    url,
  ) {
    if (url) {
      return new Server(url);
    } else {
      throw new Error("function f() {");
    }
  }

  get size() {
    return this.#open.size;
  }

  async #drop() {
    await this.one;
  }
}

export default async function main() {
  const server = await Server.open(second);
  return server.size;
}

export { LIMIT };
await main();
process.exit(0);
"""


@pytest.fixture(scope="module")
def module() -> Module:
    return javascript.read("node/one.mjs", SOURCE, KNOWN)


def lines(module: Module) -> dict[str, int]:
    return {u.name: u.lines for d in module.definitions.values() for u in d.units}


def test_each_unit_has_its_own_lines(module: Module) -> None:
    assert lines(module) == {
        "LIMIT": 1,
        "first": 1,
        "fold": 2,
        "Server": 1,
        "Server.#open": 1,
        "Server.bound": 2,
        "Server.constructor": 4,
        "Server.open": 6,
        "Server.size": 2,
        "Server.#drop": 2,
        "main": 3,
        BODY: 2,
    }


def test_what_a_definition_uses_is_found_through_its_imports(module: Module) -> None:
    uses = {name: definition.uses for name, definition in module.definitions.items()}
    room, one = "node/room.mjs", "node/one.mjs"
    assert uses["Server"] == {Ref(room, "Room"), Ref(room, "say"), Ref(one, "LIMIT")}
    assert uses["fold"] == {Ref("node/lib/text.mjs", "trim")}
    assert uses["first"] == {Ref(room, "two")}
    assert uses["main"] == {Ref(one, "Server"), Ref(one, "second")}
    assert module.resolve("second") == "first"
    assert uses[BODY] == {Ref(one, "main")}


def test_a_property_is_no_use_of_what_is_called_like_it(module: Module) -> None:
    assert Ref("node/room.mjs", "one") not in module.definitions["Server"].uses


def test_libraries_are_not_followed(module: Module) -> None:
    paths = {ref.path for it in module.definitions.values() for ref in it.uses}
    assert paths <= KNOWN


def test_a_file_without_code_has_no_definitions() -> None:
    assert lines(javascript.read("node/none.mjs", "// nothing\n", frozenset())) == {}


def test_a_field_without_a_value_is_a_unit() -> None:
    source = "class One {\n  count\n}\n"
    assert "One.count" in lines(javascript.read("node/one.mjs", source, frozenset()))
