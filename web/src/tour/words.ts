// What the tour says.

import { dictionary } from "../i18n";

export const words = dictionary(
  {
    title: "Tour",
    steps: "Steps of the tour",
    step: "Step {n} of {all}: {name}",
    is_done: "done",
    back: "Back",
    next: "Next",
    again: "Begin the tour again",
    no_step: "The tour has no step “{name}”. This is its beginning.",
    guess_again: "Guess again",
    phase_guess: "Guess",
    phase_do: "Do",
    phase_see: "See",
    guessed: "Your guess",
    measured: "Measured",
    turn_TCP: "TCP",
    turn_101: "from HTTP to WebSocket",
    turn_open: "a session",
    turn_probe: "a trial of the WebSocket",
    turn_40: "the namespace",
    "turn_1::": "the transport",
    turn_join: "the room",
    crossed: "What crosses the link",
    nothing_crossed: "Nothing yet: enter the chat.",
    all_done:
      "You have seen all steps. The notebooks have the measurements behind each of them, and the race makes your own.",

    handshake: "A handshake",
    handshake_text:
      "Before a page can say anything it makes a handshake: TCP, then HTTP, then what the transport needs. For each of them it asks, and waits for the answer: a round trip.",
    handshake_question: "How many round trips until you are in the room?",
    handshake_unit: "{n}",
    handshake_enter: "Enter the chat on any transport.",
    handshake_do: "You are in the chat already. Connect once more, and watch.",
    connect_anew: "Connect anew",
    handshake_seen:
      "On {transport} the page waits for {n} answers, one after the other: {turns}. If a round trip takes 100 ms, that alone is {far} ms. Other transports need more or fewer: change, and guess again.",

    join: "A message",
    join_text:
      "A room means the same on every transport: all see the same messages in the same order. What differs is what a message costs. “hello” has five letters.",
    join_question: "How many bytes cross the link for “hello”, with the server's reply?",
    join_unit: "{n} B",
    join_enter: "Enter the chat on WebSocket, then say hello.",
    join_do: "Say hello.",
    join_seen:
      "A message with its reply on {transport}: {payload} B say what is meant, {framing} B frame it, {http} B are HTTP headers. The text itself is the smallest part.",

    polling: "Polling",
    polling_text:
      "In HTTP a server can't speak first. So the page asks, the server keeps the request waiting until there is news, and the page asks again. Every message needs requests with all their headers.",
    polling_question: "How many bytes for the same “hello” by polling?",
    polling_unit: "{n} B",
    polling_enter: "Enter the chat on “Socket.IO, polling only”, then say hello.",
    polling_do: "Go on by a transport that polls, and say hello again.",
    go_on_by: "Go on by {transport}",
    polling_seen:
      "On {transport} HTTP headers are {http} B of the {n} B. What is meant takes {payload} B, as on any transport.",

    cut: "Cut the link",
    cut_text:
      "Connections break: a tunnel, a lift, a router. A page that comes back has to learn what it missed, and must not repeat what arrived. The room's numbers and keys are for that.",
    cut_question:
      "You write a message while the link is cut. How many times will it be in the room afterwards?",
    cut_unit: "{n}×",
    cut_enter: "Enter the chat.",
    cut_do: "Cut the link, and write a message before it is back.",
    cut_for: "Cut for {s} s",
    away: "The link is cut: write something now.",
    seconds_left: "{s} s left.",
    silent: "It is back, and you wrote nothing meanwhile. Cut it again.",
    cut_seen:
      "Written while the link was cut: {written}. In the room now: {arrived}. The page keeps what it can't send, and sends it again under the same key. By that the server knows what it already has.",

    emulate: "A server far away",
    emulate_text:
      "On one machine every transport is quick. To another continent each way takes up to a tenth of a second, and no cable makes it much shorter: light takes that time.",
    emulate_question: "With {ms} ms one way, how long until the server's answer is here?",
    emulate_unit: "{n} ms",
    emulate_enter: "Enter the chat.",
    emulate_do: "Put {ms} ms on each way, then say something.",
    delay: "{ms} ms one way",
    emulate_seen:
      "The message takes {delay} ms to the server and its answer {delay} ms back; page and server add the rest. No transport is quicker than that: they differ in how many round trips they need.",

    race: "Race",
    race_text:
      "Now the transports run against each other, from this browser, with the same messages. A second race with 100 ms one way shows what was work here, and what are round trips.",
    race_question:
      "How many times as long as the quickest does the slowest transport need for its handshake?",
    race_unit: "{n}×",
    race_enter: "Start the race.",
    race_do: "Choose at least two transports, and run a race to its end.",
    race_seen:
      "“{quickest}” was open after {least} ms, “{slowest}” after {most} ms. That is once for a connection. What each message takes is in the other bars.",
  },
  {
    title: "둘러보기",
    steps: "둘러보기 단계",
    step: "{all}단계 중 {n}단계: {name}",
    is_done: "완료",
    back: "이전",
    next: "다음",
    again: "둘러보기를 처음부터 다시",
    no_step: "둘러보기에 “{name}” 단계는 없습니다. 여기는 첫 단계입니다.",
    guess_again: "다시 예상하기",
    phase_guess: "예상",
    phase_do: "해 보기",
    phase_see: "확인",
    guessed: "예상",
    measured: "측정",
    turn_TCP: "TCP",
    turn_101: "HTTP에서 WebSocket으로",
    turn_open: "세션",
    turn_probe: "WebSocket 시험",
    turn_40: "네임스페이스",
    "turn_1::": "전송",
    turn_join: "방",
    crossed: "연결을 오가는 내용",
    nothing_crossed: "아직 없습니다. 채팅에 들어가세요.",
    all_done:
      "모든 단계를 확인했습니다. 각 단계의 바탕이 되는 측정은 노트북에 있고, 속도 비교로 직접 잴 수도 있습니다.",

    handshake: "핸드셰이크",
    handshake_text:
      "페이지는 말을 꺼내기 전에 핸드셰이크를 합니다. TCP, HTTP, 그리고 전송 방식이 요구하는 절차의 순서입니다. 그때마다 묻고 답을 기다리는데, 이것이 왕복 한 번입니다.",
    handshake_question: "방에 들어갈 때까지 왕복이 몇 번 필요할까요?",
    handshake_unit: "{n}번",
    handshake_enter: "아무 전송 방식으로나 채팅에 들어가세요.",
    handshake_do: "이미 채팅에 들어와 있습니다. 다시 연결하고 지켜보세요.",
    connect_anew: "다시 연결",
    handshake_seen:
      "{transport}: 페이지는 답을 차례로 {n}번 기다립니다({turns}). 왕복 한 번이 100 ms라면 그것만으로 {far} ms입니다. 전송 방식마다 횟수가 다르니, 바꾸고 다시 예상해 보세요.",

    join: "메시지",
    join_text:
      "방의 의미는 어떤 전송 방식에서나 같습니다. 모두가 같은 메시지를 같은 순서로 봅니다. 다른 것은 메시지에 드는 비용입니다. “hello”는 다섯 글자입니다.",
    join_question: "“hello”를 보내고 서버의 응답을 받는 데 몇 바이트가 오갈까요?",
    join_unit: "{n} B",
    join_enter: "WebSocket으로 채팅에 들어가 hello라고 보내세요.",
    join_do: "hello라고 보내세요.",
    join_seen:
      "{transport}의 메시지 하나와 응답: 내용이 {payload} B, 프레임이 {framing} B, HTTP 헤더가 {http} B입니다. 글자 자체는 그중 가장 작은 부분입니다.",

    polling: "폴링",
    polling_text:
      "HTTP에서는 서버가 먼저 말할 수 없습니다. 그래서 페이지가 묻고, 서버는 소식이 있을 때까지 답을 미루고, 페이지는 다시 묻습니다. 메시지마다 헤더를 모두 갖춘 요청이 필요합니다.",
    polling_question: "같은 “hello”를 폴링으로 보내면 몇 바이트일까요?",
    polling_unit: "{n} B",
    polling_enter: "“Socket.IO, 폴링만”으로 채팅에 들어가 hello라고 보내세요.",
    polling_do: "폴링하는 전송 방식으로 바꾸고 다시 hello라고 보내세요.",
    go_on_by: "“{transport}” 방식으로 바꾸기",
    polling_seen:
      "{transport}: {n} B 가운데 {http} B가 HTTP 헤더입니다. 내용은 어떤 전송 방식에서나 그렇듯 {payload} B뿐입니다.",

    cut: "연결 끊기",
    cut_text:
      "연결은 끊어집니다. 터널, 엘리베이터, 공유기 때문입니다. 돌아온 페이지는 놓친 것을 알아내야 하고, 이미 도착한 것을 되풀이하면 안 됩니다. 방의 번호와 키가 그 일을 합니다.",
    cut_question: "연결이 끊긴 동안 메시지를 씁니다. 나중에 그 메시지는 방에 몇 번 있을까요?",
    cut_unit: "{n}번",
    cut_enter: "채팅에 들어가세요.",
    cut_do: "연결을 끊고, 돌아오기 전에 메시지를 보내세요.",
    cut_for: "{s}초간 끊기",
    away: "연결이 끊겼습니다. 지금 메시지를 보내세요.",
    seconds_left: "{s}초 남았습니다.",
    silent: "연결이 돌아왔지만 그동안 보낸 메시지가 없습니다. 다시 끊어 보세요.",
    cut_seen:
      "끊긴 동안 보낸 메시지는 {written}개, 지금 방에 있는 것은 {arrived}개입니다. 페이지가 간직했다가 같은 키로 다시 보냈고, 서버는 그 키로 이미 받은 것을 알아봅니다.",

    emulate: "멀리 있는 서버",
    emulate_text:
      "한 컴퓨터 안에서는 모든 전송 방식이 빠릅니다. 다른 대륙까지는 한 방향에 길게는 0.1초가 걸리는데, 빛이 가는 시간이어서 더 좋은 회선으로도 크게 줄일 수 없습니다.",
    emulate_question: "편도 {ms} ms라면 서버의 응답까지 얼마나 걸릴까요?",
    emulate_unit: "{n} ms",
    emulate_enter: "채팅에 들어가세요.",
    emulate_do: "양쪽 방향에 {ms} ms씩 지연을 두고 메시지를 보내세요.",
    delay: "편도 {ms} ms",
    emulate_seen:
      "메시지가 서버까지 {delay} ms, 응답이 돌아오는 데 {delay} ms 걸리고, 나머지는 페이지와 서버가 쓴 시간입니다. 어떤 전송 방식도 이보다 빠를 수 없으며, 다른 것은 필요한 왕복 횟수입니다.",

    race: "속도 비교",
    race_text:
      "이제 이 브라우저에서 같은 메시지로 여러 전송 방식을 비교합니다. 편도 100 ms로 한 번 더 해 보면 무엇이 처리 비용이고 무엇이 왕복 횟수인지 드러납니다.",
    race_question: "가장 느린 전송 방식의 핸드셰이크는 가장 빠른 것의 몇 배가 걸릴까요?",
    race_unit: "{n}배",
    race_enter: "비교를 시작하세요.",
    race_do: "전송 방식을 두 개 이상 골라 비교를 끝까지 하세요.",
    race_seen:
      "“{quickest}” 방식은 {least} ms, “{slowest}” 방식은 {most} ms 만에 열렸습니다. 이것은 연결마다 한 번 드는 시간이고, 메시지마다 드는 시간은 다른 막대에 있습니다.",
  },
);
