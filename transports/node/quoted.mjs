/**
 * A client's own words, as they stand in the reason of a refusal: at most `most` characters, in the
 * quotation marks that Python would choose, so that the reasons read alike on every wire.
 *
 * @param {string} words
 */
export function quoted(words, most = Infinity) {
  const shown = [...words.slice(0, 2 * most)].slice(0, most).join("");
  const mark = shown.includes("'") && !shown.includes('"') ? '"' : "'";
  return mark + shown.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
}
