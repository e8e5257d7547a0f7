/** Waits for a condition to become true, or a value to be there; throws with the last thing seen when it does not in time. */
export async function until<T>(look: () => T | false | null | undefined | Promise<T | false | null | undefined>, ms = 5000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${look.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
