// Why a wire ended or can't be had, in Korean. The wires and the server say it in English; what is
// not here is shown as they say it.

const KOREAN: Readonly<Record<string, string>> = {
  "the connection broke": "연결이 끊어졌습니다",
  "the stream broke": "스트림이 끊어졌습니다",
  "the stream ended without a goodbye": "스트림이 작별 인사 없이 끝났습니다",
  "the server said goodbye": "서버가 작별 인사를 했습니다",
  "the server's heartbeat did not come": "서버의 하트비트가 오지 않았습니다",
  "a request failed": "요청이 실패했습니다",
  "a request failed: the line broke, nobody listens there, or this page is refused":
    "요청이 실패했습니다. 연결이 끊어졌거나, 서버가 없거나, 이 페이지가 거부되었습니다",
  "a script failed: the line broke, or the server refused it":
    "스크립트가 실패했습니다. 연결이 끊어졌거나 서버가 거부했습니다",
  "the frame ended: the server refused it, or said no goodbye":
    "프레임이 끝났습니다. 서버가 거부했거나 작별 인사를 하지 않았습니다",
  "the WebSocket handshake failed: nobody listens there, or this page is refused":
    "WebSocket 핸드셰이크가 실패했습니다. 서버가 없거나 이 페이지가 거부되었습니다",
  "its server is a program of its own, with rooms of its own":
    "서버가 별도의 프로그램이라 방도 따로 있습니다",
  "it is there to be measured against, and is not held to all that a room means":
    "견주어 재기 위한 것이라 방의 모든 약속을 지키지는 않습니다",
  "it was left out by --wires": "--wires에서 제외되었습니다",
  "the page has no client for it": "이 페이지에는 클라이언트가 없습니다",
};

/** Those with something in them: a number, a code, or what a server or a library says in its words. */
const PATTERNS: readonly [RegExp, string][] = [
  [/^no answer within ([\d.]+) seconds$/, "$1초 안에 응답이 없습니다"],
  [/^no answer for ([\d.]+) seconds$/, "$1초 동안 응답이 없습니다"],
  [/^nothing came for ([\d.]+) seconds$/, "$1초 동안 아무것도 오지 않았습니다"],
  [/^the connection broke \((.+)\)$/s, "연결이 끊어졌습니다 ($1)"],
  [/^the server closed it \((.+)\)$/s, "서버가 연결을 닫았습니다 ($1)"],
  [/^the server says error (.+)$/s, "서버가 오류를 알렸습니다: $1"],
  [/^the server refused what was sent: (.+)$/s, "서버가 보낸 것을 거부했습니다: $1"],
  [/^the handshake failed: (.+)$/s, "핸드셰이크가 실패했습니다: $1"],
  [/^needs (.+?): (.+)$/s, "$1 필요: $2"],
];

export function inKorean(reason: string): string {
  if (Object.hasOwn(KOREAN, reason)) return KOREAN[reason]!;
  const [pattern, text] = PATTERNS.find(([found]) => found.test(reason)) ?? [];
  return pattern && text ? reason.replace(pattern, text) : reason;
}
