// Why a transport ended or can't be had, in Korean. The transports and the server say it in English; what is
// not here is shown as they say it.

const KOREAN: Readonly<Record<string, string>> = {
  "the connection broke": "연결이 끊어졌습니다",
  "the stream broke": "스트림이 끊어졌습니다",
  "the stream ended without a close packet": "스트림이 종료 패킷 없이 끝났습니다",
  "the server closed the connection": "서버가 연결을 닫았습니다",
  "the server's heartbeat did not come": "서버의 하트비트가 오지 않았습니다",
  "a request failed": "요청이 실패했습니다",
  "a request failed: the connection broke, no server listens there, or this page is refused":
    "요청이 실패했습니다. 연결이 끊어졌거나, 서버가 없거나, 이 페이지가 거부되었습니다",
  "a script failed: the connection broke, or the server refused it":
    "스크립트가 실패했습니다. 연결이 끊어졌거나 서버가 거부했습니다",
  "the frame ended: the server refused it, or sent no close packet":
    "프레임이 끝났습니다. 서버가 거부했거나 종료 패킷을 보내지 않았습니다",
  "the WebSocket handshake failed: no server listens there, or this page is refused":
    "WebSocket 핸드셰이크가 실패했습니다. 서버가 없거나 이 페이지가 거부되었습니다",
  "it is a baseline for measurements, and does not have all that a room means":
    "견주어 재기 위한 것이라 방의 모든 약속을 지키지는 않습니다",
  "browsers speak HTTP/2 over TLS only: lab chat --tls":
    "브라우저는 TLS 위에서만 HTTP/2를 씁니다: lab chat --tls",
  "it was left out by --transports": "--transports에서 제외되었습니다",
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
  [/^the parser could not be loaded: (.+)$/s, "파서를 불러오지 못했습니다: $1"],
  [/^needs (.+?): (.+)$/s, "$1 필요: $2"],
];

export function inKorean(reason: string): string {
  if (Object.hasOwn(KOREAN, reason)) return KOREAN[reason]!;
  const [pattern, text] = PATTERNS.find(([found]) => found.test(reason)) ?? [];
  return pattern && text ? reason.replace(pattern, text) : reason;
}
