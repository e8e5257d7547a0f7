import { counted } from '../../../text/wording.js';
import { dockerState } from './docker-reading.js';
import type { Store } from './store.js';

/** Images without a name: what a build has left behind when its tag went to a newer one. */
export const dockerDangling: Store = {
  id: 'docker-dangling',
  title: 'Docker images without a name',
  harm: 'a build that could have used their layers takes longer',
  risk: 'safe',
  ticked: true,
  async measure(look) {
    const { images, root } = await dockerState(look);
    const dangling = images.filter((image) => image.dangling && !image.used);
    return {
      bytes: dangling.reduce((sum, { uniqueBytes, sizeBytes }) => sum + (uniqueBytes ?? sizeBytes), 0),
      exact: false,
      how: `docker: ${counted(dangling.length, 'image')} of ${images.length}`,
      path: root,
      parts: [],
      commands: () => (dangling.length === 0 ? [] : [{ argv: ['docker', 'image', 'prune', '--force'], timeoutMs: 900_000 }]),
    };
  },
};
