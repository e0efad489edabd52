/**
 * Read the query of a request, as every transport of the lab does: an empty parameter counts as
 * absent, and the first one of a repeated parameter counts.
 *
 * @param {string} target the request's target, in origin form (RFC 9112 section 3.2.1)
 * @returns {Record<string, string>} without a prototype: a parameter may have any name
 */
export function queryOf(target) {
  const query = Object.create(null);
  const start = target.indexOf("?");
  if (start === -1) return query;
  for (const [name, value] of new URLSearchParams(target.slice(start))) {
    if (value !== "" && !(name in query)) query[name] = value;
  }
  return query;
}
