import { expect, it } from "vitest";
import { inKorean } from "./korean";

it.each([
  ["text frame, 73 B, masked", "text 프레임, 73 B, 마스크 있음"],
  [
    "text frame, 9 B, masked, deflated, to be continued",
    "text 프레임, 9 B, 마스크 있음, 압축됨, 뒤에 더 있음",
  ],
  ["text frame, 48 B, deflated from 95 B", "text 프레임, 48 B, 95 B에서 압축됨"],
  ["200 OK, compressed from 95 B", "200 OK, 95 B에서 압축됨"],
  ["close frame, 2 B, 1000", "close 프레임, 2 B, 1000"],
  ["WebSocket framing", "WebSocket 프레이밍"],
  ["HTTP head", "HTTP 헤더"],
  ["Socket.IO event, ack 2 (framing)", "Socket.IO event, ack 2 (프레이밍)"],
  ["say #2 (payload), 3 B of it escapes", "say #2 (페이로드), 이스케이프 3 B"],
  [
    "undecodable: Socket.IO packets begin with a digit from 0 to 6 (undecodable)",
    "해석 못 함: Socket.IO 패킷은 0~6 숫자로 시작해야 합니다 (해석 못 함)",
  ],
  ["… 1024 bytes more", "… 1024바이트 더"],
  ["GET /socket.io/?EIO=4", "GET /socket.io/?EIO=4"],
  ["200 OK", "200 OK"],
])("says %s in Korean", (said, korean) => {
  expect(inKorean(said)).toBe(korean);
});
