import { execFileSync, spawnSync } from 'node:child_process';

/** A network of this machine alone that the machines of one test run hang on. */
export interface MachineNetwork {
  readonly bridge: string;
  /** The n-th machine's address that this machine reaches. */
  address(index: number): string;
  /** Its second one, which only the other machines reach. */
  innerAddress(index: number): string;
}

/** The ranges of RFC 2544 are set aside for tests, so they are nowhere else. The bridge's name is what two runs at the same time cannot both get. */
export function makeNetwork(): MachineNetwork {
  for (let tried = 0; tried < 200; tried += 1) {
    const number = (process.pid + tried) % 200;
    const bridge = `${bridgePrefix}${number}`;
    if (spawnSync('ip', ['link', 'add', bridge, 'type', 'bridge'], { stdio: 'ignore' }).status !== 0) continue;
    try {
      ip('addr', 'add', `198.18.${number}.1/24`, 'dev', bridge);
      ip('link', 'set', bridge, 'up');
      ip('route', 'replace', 'unreachable', `198.19.${number}.0/24`);
    } catch (error) {
      removeNetwork(bridge);
      throw error;
    }
    return { bridge, address: (index) => `198.18.${number}.${10 + index}`, innerAddress: (index) => `198.19.${number}.${10 + index}` };
  }
  throw new Error('no network bridge can be made here');
}

/** Takes it down again; nothing where it is not there. */
export function removeNetwork(bridge: string): void {
  const number = bridge.slice(bridgePrefix.length);
  spawnSync('ip', ['route', 'del', 'unreachable', `198.19.${number}.0/24`], { stdio: 'ignore' });
  spawnSync('ip', ['link', 'del', bridge], { stdio: 'ignore' });
}

const bridgePrefix = 'gk8stest';

function ip(...argv: readonly string[]): void {
  execFileSync('ip', argv, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 10_000 });
}
