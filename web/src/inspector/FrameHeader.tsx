// A WebSocket frame's header as it is on the wire: each field with its bits (RFC 6455, section 5.2).

import type { FrameBits } from "../control";
import { useWords } from "../i18n";
import { words } from "./words";

const bit = (on: boolean): string => (on ? "1" : "0");

export function FrameHeader({ bits }: { bits: FrameBits }) {
  const t = useWords(words);
  const { fin, rsv, opcode, name, masked, length, length_bits, mask } = bits;
  const fields: [string, string, string][] = [
    ["FIN", bit(fin), t(fin ? "bit_fin" : "bit_not_fin")],
    ["RSV", rsv, t(rsv[0] === "1" ? "bit_compressed" : "bit_plain")],
    ["opcode", opcode.toString(2).padStart(4, "0"), name || t("bit_reserved")],
    ["MASK", bit(masked), t(masked ? "bit_masked" : "bit_unmasked")],
    ["length", String(length), t("bit_length", { n: length, bits: length_bits })],
  ];
  if (masked) fields.push(["key", mask, t("bit_key")]);
  return (
    <dl className="frame-bits" aria-label={t("frame_bits")}>
      {fields.map(([field, value, meaning]) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd>
            <code>{value}</code>
            <span>{meaning}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
