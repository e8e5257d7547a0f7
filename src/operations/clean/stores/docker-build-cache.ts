import { counted } from '../../../text/wording.js';
import { dockerState } from './docker-reading.js';
import type { Store } from './store.js';

/** What builds have kept and none has used for a week. */
export const dockerBuildCache: Store = {
  id: 'docker-build-cache',
  title: 'Docker build cache unused for a week',
  harm: 'the next build of these takes longer',
  risk: 'safe',
  ticked: true,
  async measure(look) {
    const { cache, cacheBytes, root } = await dockerState(look);
    const old = cache?.filter((record) => record.old && !record.inUse) ?? null;
    const total = old?.reduce((sum, { bytes }) => sum + bytes, 0) ?? cacheBytes;
    return {
      bytes: total,
      exact: false,
      how: old === null ? 'docker system df' : `docker: ${counted(old.length, 'record')} of ${cache?.length ?? 0}`,
      ...(old === null ? { note: 'this Docker tells no ages: only what was not used for a week goes, at most this much' } : {}),
      path: root,
      parts: [],
      commands: () => (total === 0 ? [] : [{ argv: ['docker', 'builder', 'prune', '--force', '--filter', 'until=168h'], timeoutMs: 900_000 }]),
    };
  },
};
