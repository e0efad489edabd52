// A WebSocket of a Node package: node native.mjs VISIT PACKAGE

import { createRequire } from "node:module";
import { native, print } from "./attempt.mjs";

const { WebSocket } = createRequire(process.env.LAB_NODE_PACKAGES)(process.argv[3]);
print(await native(WebSocket, JSON.parse(process.argv[2])));
