// @ts-check

/**
 * Read JSON from the server; whatever is no such answer is an error.
 * @param {string} url
 * @param {AbortSignal} [signal]
 * @returns {Promise<unknown>}
 */
export async function load(url, signal) {
  const answer = await fetch(url, { signal });
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return answer.json();
}
