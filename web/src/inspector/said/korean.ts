// What the decoder says, in Korean: a reason, a frame, what a part of a message is. What is not here stays as it
// is: a request line, a status, the name of a packet.

const KOREAN: Readonly<Record<string, string>> = {
  "the first item of a Socket.IO event is not its name":
    "Socket.IO 이벤트의 첫 항목이 이름이 아닙니다",
  "a tunnel begins here (RFC 9110 section 9.3.6)": "여기서 터널이 시작됩니다 (RFC 9110, 9.3.6절)",
  "a form of JSONP has one field, d": "JSONP 양식에는 d 필드 하나만 있어야 합니다",
  "this is no JavaScript string as JSON writes it": "JSON 방식으로 쓴 JavaScript 문자열이 아닙니다",
  "packets of Socket.IO 0.9 begin with a digit from 0 to 8 and a colon":
    "Socket.IO 0.9 패킷은 0~8 숫자와 콜론으로 시작해야 합니다",
  "a handshake of Socket.IO 0.9 is session:heartbeat:close:transports":
    "Socket.IO 0.9 핸드셰이크는 session:heartbeat:close:transports 형식이어야 합니다",
  "a packet is not as long as its length says": "패킷의 길이가 표시된 길이와 다릅니다",
  "a line is an object, or [type] or [type,data]":
    "한 줄은 객체이거나 [종류] 또는 [종류,데이터]입니다",
  "a line has no end": "끝나지 않은 줄입니다",
  "this is no write of the format that the response has": "응답의 형식에 맞지 않는 조각입니다",
  "the text in it is no write of the format that the response has":
    "압축을 푼 텍스트가 응답의 형식에 맞지 않는 조각입니다",
  "the tap ended inside a write": "조각의 중간에서 기록이 끝났습니다",
  "end of the stream": "스트림의 끝",
  "a connection for a policy file carries nothing else":
    "정책 파일용 연결로는 다른 것을 보내지 않습니다",
  "request for a policy file": "정책 파일 요청",
  "fragments of two messages are mixed (RFC 6455 section 5.4)":
    "두 메시지의 조각이 섞였습니다 (RFC 6455, 5.4절)",
  "the tap ended inside a message": "메시지의 중간에서 기록이 끝났습니다",
  "clients mask, servers don't (RFC 6455 section 5.1)":
    "마스크는 클라이언트만 씌웁니다 (RFC 6455, 5.1절)",
  "a control frame is fragmented or longer than 125 bytes (RFC 6455 section 5.5)":
    "제어 프레임이 나뉘었거나 125바이트보다 깁니다 (RFC 6455, 5.5절)",
  "a reserved bit is set without an extension (RFC 6455 section 5.2)":
    "확장 없이 예약 비트가 켜져 있습니다 (RFC 6455, 5.2절)",
  "a TLS record without a key": "키가 없는 TLS 레코드",
  "bytes that are no TLS record": "TLS 레코드가 아닌 바이트",
  "the tap ended inside it": "중간에서 기록이 끝났습니다",
  "this is not HTTP/1": "HTTP/1이 아닙니다",
  "compressed data ends before its own end": "압축 데이터가 끝나기 전에 끊겼습니다",
  "the compression window was lost with an earlier message":
    "앞선 메시지와 함께 압축 윈도를 잃었습니다",
  "a compressed message ends inside a block (RFC 7692 section 7.2.2)":
    "압축된 메시지가 블록 중간에서 끝납니다 (RFC 7692, 7.2.2절)",
  "a text message is not UTF-8 (RFC 6455 section 8.1)":
    "텍스트 메시지가 UTF-8이 아닙니다 (RFC 6455, 8.1절)",
  "Engine.IO packets begin with a digit from 0 to 6, or b":
    "Engine.IO 패킷은 0~6 숫자나 b로 시작해야 합니다",
  "Socket.IO packets begin with a digit from 0 to 6": "Socket.IO 패킷은 0~6 숫자로 시작해야 합니다",
  "the tap ended inside a frame header": "프레임 헤더의 중간에서 기록이 끝났습니다",
  "a frame length has its highest bit set (RFC 6455 section 5.2)":
    "프레임 길이의 최상위 비트가 켜져 있습니다 (RFC 6455, 5.2절)",
  "a frame has a size that its type does not allow (RFC 9113 section 4.2)":
    "이 종류의 프레임에 허용되지 않는 크기입니다 (RFC 9113, 4.2절)",
  "a frame has more padding than payload (RFC 9113 section 6.1)":
    "프레임의 패딩이 페이로드보다 깁니다 (RFC 9113, 6.1절)",
  "header fields are read with the library hpack: pip install 'transport-lab[h2]'":
    "헤더 필드를 읽으려면 hpack 라이브러리가 필요합니다: pip install 'transport-lab[h2]'",
  "the header block is damaged (RFC 7541 section 3.1)":
    "헤더 블록이 손상되었습니다 (RFC 7541, 3.1절)",
  "the table of header fields was lost with an earlier block (RFC 7541 section 2.2)":
    "앞선 블록과 함께 헤더 필드 표를 잃었습니다 (RFC 7541, 2.2절)",
  "the header fields begin no message (RFC 9113 section 8.3)":
    "메시지를 시작할 수 없는 헤더 필드입니다 (RFC 9113, 8.3절)",
  "a CONNECT was not answered, so it is not known what follows it":
    "CONNECT에 응답이 없어 그 뒤에 무엇이 오는지 알 수 없습니다",
  "a CONNECT was refused, so nothing may follow it (RFC 9110 section 9.3.6)":
    "CONNECT가 거절되어 그 뒤에는 아무것도 올 수 없습니다 (RFC 9110, 9.3.6절)",
  "the stream was reset (RFC 9113 section 6.4)": "스트림이 재설정되었습니다 (RFC 9113, 6.4절)",
  "the tap ended inside a frame": "프레임의 중간에서 기록이 끝났습니다",
  "the stream has ended, or was never opened (RFC 9113 section 5.1)":
    "스트림이 끝났거나 열린 적이 없습니다 (RFC 9113, 5.1절)",
  "the header fields of this stream could not be read": "이 스트림의 헤더 필드를 읽지 못했습니다",
  "a pushed stream is not read here (RFC 9113 section 8.4)":
    "서버가 푸시한 스트림은 여기서 읽지 않습니다 (RFC 9113, 8.4절)",
  "a header block is not continued (RFC 9113 section 6.10)":
    "헤더 블록이 이어지지 않습니다 (RFC 9113, 6.10절)",
  "a frame of a stream has no stream (RFC 9113 section 6)":
    "스트림의 프레임에 스트림이 없습니다 (RFC 9113, 6절)",
  "this type of frame is not known here": "알 수 없는 종류의 프레임입니다",
};

const PARTS: Readonly<Record<string, string>> = {
  http: "HTTP",
  head: "헤더",
  framing: "프레이밍",
  payload: "페이로드",
  undecodable: "해석 못 함",
  tls: "TLS",
  incomplete: "미완성",
};

type Again = (text: string) => string;
const part = (name = ""): string => PARTS[name] ?? name;

/** Those with something in them: a size, a name, or what a library says; `again` translates what is inside. */
const PATTERNS: readonly [RegExp, (found: string[], again: Again) => string][] = [
  [/^(.*), (\d+) B of it escapes$/s, ([, it = "", n], again) => `${again(it)}, 이스케이프 ${n} B`],
  [
    /^(.*) \((http|framing|payload|undecodable)\)$/s,
    ([, it = "", name], again) => `${again(it)} (${part(name)})`,
  ],
  [
    /^(.*), compressed from (\d+) B$/s,
    ([, it = "", n], again) => `${again(it)}, ${n} B에서 압축됨`,
  ],
  [/^(.*) \(compressed\)$/s, ([, it = ""], again) => `${again(it)} (압축됨)`],
  [
    /^(undecodable|incomplete): (.*)$/s,
    ([, name, it = ""], again) => `${part(name)}: ${again(it)}`,
  ],
  [/^(\S+ )?(head|framing|payload|undecodable)$/, ([, of = "", name]) => `${of}${part(name)}`],
  [/^… (\d+) bytes more$/, ([, n]) => `… ${n}바이트 더`],
  [/^… and (\d+) more$/, ([, n]) => `… 그 밖에 ${n}개`],
  [
    /^(\S+(?: \d+)?) frame, (\d+ B)(.*)$/s,
    ([, name, size, notes = ""]) => `${name} 프레임, ${size}${notesOf(notes)}`,
  ],
  [
    /^an extended CONNECT asked for (.*)$/s,
    ([, name]) => `확장 CONNECT가 ${name}을(를) 요청했습니다`,
  ],
  [/^a header block is longer than (\d+) bytes$/, ([, n]) => `헤더 블록이 ${n}바이트보다 깁니다`],
  [/^more than (\d+) streams are open$/, ([, n]) => `열린 스트림이 ${n}개를 넘습니다`],
  [/^(.*), not decoded$/s, ([, it]) => `${it}, 해석 못 함`],
  [/^empty lines between messages, (\d+ B)$/, ([, size]) => `메시지 사이의 빈 줄, ${size}`],
  [/^policy file, (\d+ B)$/, ([, size]) => `정책 파일, ${size}`],
  [
    /^Engine\.IO binary message, (\d+ B)( as base64)?$/,
    ([, size, base64]) => `Engine.IO 이진 메시지, ${size}${base64 ? " (base64)" : ""}`,
  ],
  [/^Socket\.IO handshake, session (.*)$/s, ([, sid]) => `Socket.IO 핸드셰이크, 세션 ${sid}`],
  [
    /^the data of a Socket\.IO (\S+) is not JSON$/,
    ([, name]) => `Socket.IO ${name}의 데이터가 JSON이 아닙니다`,
  ],
  [
    /^the data of a Socket\.IO (\S+) is not a JSON array$/,
    ([, name]) => `Socket.IO ${name}의 데이터가 JSON 배열이 아닙니다`,
  ],
  [/^the connection was upgraded to (.*)$/s, ([, name]) => `연결이 ${name}(으)로 전환되었습니다`],
  [
    /^opcode (\d+) is reserved \(RFC 6455 section 5\.2\)$/,
    ([, n]) => `opcode ${n}은(는) 예약되어 있습니다 (RFC 6455, 5.2절)`,
  ],
  [
    /^content coding (.*) is not decoded here$/s,
    ([, name]) => `${name} 콘텐츠 인코딩은 해석하지 않습니다`,
  ],
  [/^compressed data grows beyond (\d+) bytes$/, ([, n]) => `압축을 풀면 ${n}바이트를 넘습니다`],
  [/^compressed data is damaged: (.*)$/s, ([, why]) => `압축 데이터가 손상되었습니다: ${why}`],
  [
    /^compressed data has more than (\d+) streams$/,
    ([, n]) => `압축 데이터의 스트림이 ${n}개를 넘습니다`,
  ],
  [
    /^(\d+) MiB came without the end of a message$/,
    ([, n]) => `메시지의 끝 없이 ${n} MiB가 왔습니다`,
  ],
  [
    /^binary Engine\.IO packet is not base64: (.*)$/s,
    ([, why]) => `이진 Engine.IO 패킷이 base64가 아닙니다: ${why}`,
  ],
];

const notesOf = (notes: string): string =>
  notes
    .replace(/^, masked/, ", 마스크 있음")
    .replace(/, deflated from (\d+) B/, ", $1 B에서 압축됨")
    .replace(", deflated", ", 압축됨")
    .replace(", to be continued", ", 뒤에 더 있음");

export function inKorean(text: string): string {
  if (Object.hasOwn(KOREAN, text)) return KOREAN[text]!;
  for (const [pattern, say] of PATTERNS) {
    const found = pattern.exec(text);
    if (found) return say([...found], inKorean);
  }
  return text;
}
