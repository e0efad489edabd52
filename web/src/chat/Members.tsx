// Who is in the room, each with the transport that carries them.

import { useWords } from "../i18n";
import { hueOf, titleOf } from "./phrases";
import { SecondPerson } from "./SecondPerson";
import type { RoomState } from "./state";
import { words } from "./words";

export function Members({
  room,
  me,
  presence,
  onHide,
}: {
  room: RoomState | undefined;
  me: string;
  presence: ReadonlyMap<string, string> | undefined;
  onHide: () => void;
}) {
  const t = useWords(words);
  const members = room?.members ?? [];
  return (
    <aside className="members" aria-label={t("members")}>
      <h2>
        {t("members")} <span className="count">{members.length}</span>
      </h2>
      <button
        type="button"
        className="icon only-narrow"
        aria-label={t("hide_members")}
        title={t("hide_members")}
        onClick={onHide}
      >
        ×
      </button>
      <ul>
        {members.map((name) => {
          const transport = presence?.get(name);
          return (
            <li key={name} style={{ "--hue": hueOf(name) }}>
              <span className="avatar" aria-hidden="true">
                {[...name][0]}
              </span>
              <span className="member">
                <span className="member-name">
                  <bdi>{name}</bdi>
                  {name === me && <span className="quiet"> ({t("you")})</span>}
                </span>
                <span className="member-transport">
                  {transport ? titleOf(t, transport) : "\u00a0"}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
      {room && <SecondPerson room={room.room} />}
    </aside>
  );
}
