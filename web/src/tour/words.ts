// What the walk-through says.

import { dictionary } from "../i18n";

export const words = dictionary(
  {
    title: "Tour",
    steps: "Steps of the tour",
    step: "Step {n} of {all}: {name}",
    is_done: "done",
    todo: "To do",
    done: "Done",
    back: "Back",
    next: "Next",
    again: "Begin again",
    show: "Shown below",
    show_chat: "Chat",
    show_wire: "Wire",
    all_done:
      "That was all of it. The notebooks have the measurements behind each step, and the race makes your own.",

    handshake: "A handshake",
    handshake_text:
      "Before a page can say anything, it has to shake hands: TCP first, then HTTP, then whatever the wire asks for. Each “turn” is a message there and an answer back, and costs one round trip of waiting.",
    handshake_do:
      "Enter the chat on any wire, open “Handshake” on the wire's side, and watch it draw itself. Too late? “Connect anew, and draw it”.",

    join: "A room",
    join_text:
      "A room means the same on every wire: everybody sees the same messages in the same order. Open this page in a second window, on another wire, and talk with yourself.",
    join_do: "Say something. Below your message stands how long the server's answer took.",

    polling: "Polling",
    polling_text:
      "HTTP has no way for a server to speak first. So the page asks, the server keeps it waiting until there is news, and the page asks again: every message from the server costs a request with all its headers.",
    polling_do:
      "Change to “Socket.IO, polling only” or “XHR polling”, say something, and watch the requests. Compare the bytes per message with a WebSocket's.",

    cut: "Cut the line",
    cut_text:
      "Lines break: a tunnel, a lift, a router. A page that comes back has to know what it missed, and must not say again what arrived. The room's numbers and keys are for that.",
    cut_do:
      "Open “Network” on the wire's side and cut the line. Say something while it is away, and see that nothing is lost and nothing comes twice.",

    bend: "Bend the network",
    bend_text:
      "On one machine every wire is quick. On the way to another continent each round trip costs a tenth of a second and more, and a wire that needs more of them is slower by that.",
    bend_do:
      "Open “Network”, set the delay to at least {ms} ms one way, and say something: the answer takes the way there and back.",

    race: "Race",
    race_text:
      "Now let the wires run against each other, from this browser, with the same messages. First with nothing bent, then with 100 ms: what was a difference in work becomes a difference in round trips.",
    race_do: "Choose at least two wires and run a race to its end.",
  },
  {
    title: "둘러보기",
    steps: "둘러보기 단계",
    step: "{all}단계 중 {n}단계: {name}",
    is_done: "완료",
    todo: "할 일",
    done: "완료했습니다",
    back: "이전",
    next: "다음",
    again: "처음부터 다시",
    show: "아래에 표시",
    show_chat: "채팅",
    show_wire: "전송",
    all_done:
      "여기까지가 전부입니다. 각 단계의 측정 결과는 노트북에 있고, 경주로 직접 측정할 수도 있습니다.",

    handshake: "핸드셰이크",
    handshake_text:
      "페이지가 무언가를 보내려면 먼저 악수를 해야 합니다. TCP, 그다음 HTTP, 그다음 전송 방식이 요구하는 절차입니다. “왕복”은 메시지가 가고 답이 돌아오는 것으로, 한 번마다 왕복 시간만큼 기다립니다.",
    handshake_do:
      "아무 방식으로나 채팅에 들어가 전송 화면의 “핸드셰이크”를 열고 그려지는 모습을 보세요. 이미 지나갔다면 “다시 연결하고 그리기”를 누르세요.",

    join: "채팅방",
    join_text:
      "방의 의미는 어떤 방식에서나 같습니다. 모두가 같은 메시지를 같은 순서로 봅니다. 다른 창에서 다른 방식으로 들어가 자신과 대화해 보세요.",
    join_do: "메시지를 하나 보내세요. 메시지 아래에 서버의 답이 걸린 시간이 표시됩니다.",

    polling: "폴링",
    polling_text:
      "HTTP에서는 서버가 먼저 말할 수 없습니다. 그래서 페이지가 묻고, 서버는 소식이 있을 때까지 답을 미루며, 페이지는 다시 묻습니다. 서버의 메시지마다 헤더를 모두 갖춘 요청이 하나씩 듭니다.",
    polling_do:
      "“Socket.IO, 폴링만”이나 “XHR 폴링”으로 바꾸고 메시지를 보내며 요청을 지켜보세요. 메시지당 바이트를 WebSocket과 비교해 보세요.",

    cut: "회선 끊기",
    cut_text:
      "회선은 끊깁니다. 터널, 승강기, 공유기 때문입니다. 돌아온 페이지는 놓친 것을 알아야 하고, 이미 도착한 것을 다시 말하면 안 됩니다. 방의 번호와 키가 그 일을 합니다.",
    cut_do:
      "전송 화면의 “네트워크”에서 회선을 끊으세요. 끊긴 동안 메시지를 보내고, 잃은 것도 두 번 온 것도 없음을 확인하세요.",

    bend: "네트워크 바꾸기",
    bend_text:
      "한 컴퓨터 안에서는 모든 방식이 빠릅니다. 다른 대륙까지는 왕복 한 번에 0.1초 이상 걸리고, 왕복이 더 필요한 방식은 그만큼 느려집니다.",
    bend_do:
      "“네트워크”에서 지연을 편도 {ms} ms 이상으로 두고 메시지를 보내세요. 답은 갔다가 돌아오는 시간만큼 걸립니다.",

    race: "경주",
    race_text:
      "이제 이 브라우저에서 같은 메시지로 여러 방식을 겨루게 하세요. 처음에는 그대로, 다음에는 100 ms로. 일의 차이가 왕복 횟수의 차이로 바뀝니다.",
    race_do: "방식을 두 개 이상 골라 경주를 끝까지 하세요.",
  },
);
