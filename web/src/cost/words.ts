// What the section on costs says. The keys of steps and assumptions are those of lab/cost.

import { dictionary } from "../i18n";

export const words = dictionary(
  {
    title: "What a chat costs",
    about:
      "Cores, memory and bytes a month of the server, from measured numbers: the CPU time of a delivery, bytes, and the memory of a connection. lab cost computes the same.",
    users: "Users at the same time",
    rooms: "Rooms",
    rate: "Messages a second",
    per: "Whose rate",
    user: "of each user",
    room: "into each room",
    text_bytes: "Bytes of a text",
    hours: "Hours a day",
    compute: "Compute",
    computing: "Computing…",
    range: "{field}: a number from {low} to {high}.",
    failed: "The server did not answer: {reason}",
    table: "Costs by transport",
    stack: "Server",
    stack_protocol: "Tuned, without a library",
    stack_node: "Node",
    stack_python: "Python",
    transport: "Transport",
    cores: "Cores",
    memory: "Memory",
    month: "Bytes a month",
    not_measured: "not measured",
    brackets: "Square brackets: 95 % interval.",
    arithmetic: "The arithmetic",
    shared: "For all transports",
    missing: "Not measured: lab bench {experiments} --transports {transport}",
    assumed: "What is assumed",
    own: "Numbers: your run {run} where it has them, otherwise the lab's reference runs ({machine}; {date}).",
    reference: "Numbers: the lab's reference runs ({machine}; {date}).",
    step_messages_per_user: "Messages a second = {senders} users × {rate}",
    step_messages_per_room: "Messages a second = {senders} rooms × {rate}",
    step_members: "Members of a room = {users} users / {rooms} rooms",
    step_deliveries: "Deliveries a second = {messages} messages × {members} members",
    step_seconds: "Seconds a month = {days} days × {hours} hours × 3600",
    step_cores:
      "Cores = {deliveries} deliveries × {cpu} µs + {users} users × {idle} µs, each second",
    step_cores_busy:
      "Cores = {deliveries} deliveries × {cpu} µs, each second (idle connections: not measured)",
    step_memory: "Memory = {users} users × {kib} KiB",
    step_month:
      "Bytes a month = {seconds} s × ({deliveries} deliveries × {delivery} B + {messages} messages × {message} B + {users} users × {heartbeat} B of heartbeats)",
    assume_rooms: "Every user is in one room, and all rooms have the same size.",
    assume_month: "A month has 30 days, and the rate is the mean of the hours that you give.",
    assume_in_flight:
      "Each delivery is written by itself, as with one message in flight, in the measured room (10, 100 or 1000 members) nearest to yours. Under load several may share a write, which costs less.",
    assume_text:
      "CPU time is that of texts of 64 bytes. Bytes grow by one for each byte that a text is longer.",
    assume_network:
      "Bytes are those that TCP carries in both directions, without TLS and IP headers.",
    assume_handshakes: "Users stay connected: handshakes and reconnects are left out.",
    assume_processes:
      "A server process uses one core. More cores need more processes and what joins them, whose cost is left out.",
    assume_spare: "Nothing is spare: a server that is as busy as this answers late.",
    assume_default:
      "Socket.IO's default counts as what it is after the upgrade: Socket.IO over WebSocket.",
  },
  {
    title: "채팅의 처리 비용",
    about:
      "서버에 필요한 코어, 메모리, 월간 바이트를 실제로 측정한 값으로 계산합니다: 전달 한 건의 CPU 시간, 바이트, 연결 하나의 메모리. lab cost가 같은 계산을 합니다.",
    users: "동시 사용자",
    rooms: "방",
    rate: "초당 메시지",
    per: "빈도 기준",
    user: "사용자마다",
    room: "방마다",
    text_bytes: "메시지 본문 바이트",
    hours: "하루 시간",
    compute: "계산",
    computing: "계산하는 중…",
    range: "{field}: {low}부터 {high}까지의 수여야 합니다.",
    failed: "서버가 답하지 않았습니다: {reason}",
    table: "전송 방식별 처리 비용",
    stack: "서버",
    stack_protocol: "라이브러리 없이 최적화",
    stack_node: "Node",
    stack_python: "Python",
    transport: "전송 방식",
    cores: "코어",
    memory: "메모리",
    month: "월간 바이트",
    not_measured: "측정하지 않음",
    brackets: "대괄호: 95 % 구간.",
    arithmetic: "계산 과정",
    shared: "모든 전송 방식에 공통",
    missing: "측정하지 않음: lab bench {experiments} --transports {transport}",
    assumed: "가정",
    own: "값의 출처: 내 측정 {run}, 거기에 없는 값은 lab의 기준 측정({machine}, {date}).",
    reference: "값의 출처: lab의 기준 측정({machine}, {date}).",
    step_messages_per_user: "초당 메시지 = 사용자 {senders}명 × {rate}",
    step_messages_per_room: "초당 메시지 = 방 {senders}개 × {rate}",
    step_members: "방의 참가자 = 사용자 {users}명 / 방 {rooms}개",
    step_deliveries: "초당 전달 = 메시지 {messages}건 × 참가자 {members}명",
    step_seconds: "한 달의 초 = {days}일 × {hours}시간 × 3600",
    step_cores: "코어 = 매초 전달 {deliveries}건 × {cpu} µs + 사용자 {users}명 × {idle} µs",
    step_cores_busy: "코어 = 매초 전달 {deliveries}건 × {cpu} µs (유휴 연결: 측정하지 않음)",
    step_memory: "메모리 = 사용자 {users}명 × {kib} KiB",
    step_month:
      "월간 바이트 = {seconds}초 × (전달 {deliveries}건 × {delivery} B + 메시지 {messages}건 × {message} B + 사용자 {users}명 × 하트비트 {heartbeat} B)",
    assume_rooms: "모든 사용자는 한 방에 있고, 모든 방의 크기는 같습니다.",
    assume_month: "한 달은 30일이고, 빈도는 입력한 시간 동안의 평균입니다.",
    assume_in_flight:
      "메시지가 한 번에 하나씩 오갈 때처럼 전달마다 따로 쓰는 것으로 칩니다. 측정한 방(10, 100, 1000명) 가운데 가장 가까운 것의 값입니다. 부하가 크면 여러 전달을 한 번에 쓸 수 있어 비용이 줄어듭니다.",
    assume_text:
      "CPU 시간은 본문 64바이트일 때의 값입니다. 본문이 1바이트 길어지면 바이트도 1씩 늘어납니다.",
    assume_network: "바이트는 TCP가 양방향으로 나르는 양이며, TLS와 IP 헤더는 뺐습니다.",
    assume_handshakes: "사용자는 계속 연결되어 있습니다. 핸드셰이크와 재연결은 뺐습니다.",
    assume_processes:
      "서버 프로세스 하나는 코어 하나를 씁니다. 코어가 더 필요하면 프로세스를 늘리고 서로 이어야 하는데, 그 비용은 뺐습니다.",
    assume_spare: "여유는 없습니다. 이만큼 바쁜 서버는 늦게 답합니다.",
    assume_default:
      "Socket.IO의 기본 방식은 업그레이드 뒤의 상태, 곧 WebSocket 위의 Socket.IO로 칩니다.",
  },
);

export type Word = keyof (typeof words)["en"];
