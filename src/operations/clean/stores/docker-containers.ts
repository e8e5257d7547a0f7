import { counted } from '../../../text/wording.js';
import { dockerState } from './docker-reading.js';
import type { Store } from './store.js';

/** Docker's containers that have ended, with what they wrote; those that only wait to be started stay. Volumes are never touched. */
export const dockerContainers: Store = {
  id: 'docker-containers',
  title: 'Docker containers that have ended',
  harm: 'what they wrote outside of volumes is gone for good; the images they hold can go after them',
  risk: 'destructive',
  ticked: false,
  async measure(look) {
    const { containers, root } = await dockerState(look);
    const ended = containers.filter(({ state }) => state === 'exited' || state === 'dead');
    return {
      bytes: ended.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0),
      exact: false,
      how: `docker: ${counted(ended.length, 'container')} of ${containers.length}, what they wrote`,
      path: root,
      parts: [],
      commands: () => (ended.length === 0 ? [] : [{ argv: ['docker', 'container', 'rm', '--', ...ended.map(({ id }) => id)], timeoutMs: 600_000 }]),
    };
  },
};
