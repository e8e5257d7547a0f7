import type { CleanEvictedOptions, ConnectionOptions } from './actions.js';
import { runCleanEvicted } from './clean-evicted.js';
import { openCleanSession } from './clean-session.js';
import { terminalOutput } from './output.js';

/** `clean evicted`. Without -A and -n it looks where kubectl would: in the context's own namespace. Rejects with a sentence where no cluster can be asked. */
export async function cleanEvicted(options: ConnectionOptions & CleanEvictedOptions): Promise<number> {
  const { output, allNamespaces = false, reason, olderThan = null, keep = 0, includeJobs = false, dryRun = false, yes = false, confirm = null } = options;
  if (allNamespaces && options.namespace !== undefined) throw new Error('-A and -n say different things: give one of them');
  const ending = new AbortController();
  // What is under way is not left unsaid.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  const opened = await openCleanSession(options);
  const out = terminalOutput();
  const namespace = allNamespaces ? null : (opened.namespace ?? 'default');
  if (namespace !== null && options.namespace === undefined) out.stderr(`looking in namespace ${namespace} of context ${opened.context}; -A looks in all\n`);
  try {
    const how = { output, namespace, reason, olderThan, keep, jobs: includeJobs, dryRun, yes, confirm, signal: ending.signal };
    return await runCleanEvicted(opened.session, how, out);
  } finally {
    await opened.close();
  }
}
