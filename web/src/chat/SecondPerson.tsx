// The way to somebody else in the room: another tab is another person.

import { hrefOf } from "../app/route";
import { useWords } from "../i18n";
import { words } from "./words";

export function SecondPerson({ room }: { room: string }) {
  const t = useWords(words);
  return (
    // With an opener the new tab would get a copy of this one's storage, and so be the same person.
    <a className="button second" href={hrefOf("chat", room)} target="_blank" rel="noopener">
      {t("second_person")}
    </a>
  );
}
