/** Quote a client's words in the reason of a refusal, as Python's `repr` does. */

/** Not printable in Python's `isprintable`: the categories Other and Separator, without U+0020. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

const EACH_UNPRINTABLE = new RegExp(UNPRINTABLE, "gu");
const SHORT = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** At most `most` characters of `words`, in quotation marks. */
export function quoted(/** @type {string} */ words, most = Infinity) {
  const shown = [...words.slice(0, 2 * most)].slice(0, most).join("");
  const mark = shown.includes("'") && !shown.includes('"') ? '"' : "'";
  const escaped = shown
    .replaceAll("\\", "\\\\")
    .replaceAll(mark, `\\${mark}`)
    .replaceAll(EACH_UNPRINTABLE, (letter) => SHORT[letter] ?? hexadecimal(letter));
  return mark + escaped + mark;
}

function hexadecimal(letter) {
  const number = letter.codePointAt(0);
  const [kind, digits] = number < 0x100 ? ["x", 2] : number < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${kind}${number.toString(16).padStart(digits, "0")}`;
}
