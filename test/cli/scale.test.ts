import { describe, expect, it } from 'vitest';
import { runScale, type ScaleCommand } from '../../src/cli/scale.js';
import type { DemoOptions } from '../../src/demo/cluster.js';
import type { Session } from '../../src/session.js';
import { aSession } from '../builders/fake-session.js';
import { aLab } from '../builders/lab.js';
import { demoSession } from './demo-session.js';
import { written } from './written.js';

const command: ScaleCommand = {
  objects: ['deployment/resnet50-inference'],
  replicas: 8,
  namespace: null,
  pinned: false,
  dryRun: false,
  yes: false,
  output: 'text',
  signal: new AbortController().signal,
};

async function scaled(session: Session, wish: Partial<ScaleCommand>) {
  const out = written();
  const code = await runScale(session, { ...command, ...wish }, out);
  return { code, stdout: out.text(), stderr: out.errors() };
}

async function inDemo(options: DemoOptions, about: (session: Session) => Promise<void>, asViewer = false): Promise<void> {
  await using demo = await demoSession({ speed: 50, ...options }, { asViewer });
  await about(demo.session);
}

describe('scale', () => {
  it('shows with --dry-run what would come of it, and changes nothing', () =>
    inDemo({ scenario: 'healthy' }, async (session) => {
      const { code, stdout, stderr } = await scaled(session, { dryRun: true });
      expect(code).toBe(0);
      expect(stderr).toContain('deployment/resnet50-inference is in namespace ai\n');
      expect(stdout).toMatch(/^Scale deployment ai\/resnet50-inference from 1 to 8 replicas \(safe\)\n {2}Set replicas 1 → 8; new ones: /);
      expect(stdout).toContain('done when: 8 of 8 pods of deployment ai/resnet50-inference Ready\n');
      expect([...(session.snapshot().deployments.value?.values() ?? [])].find(({ name }) => name === 'resnet50-inference')?.desired).toBe(1);
    }));

  it('does it with --yes, tells how it goes, and ends with 0 when it came as foretold', () =>
    inDemo({ scenario: 'healthy' }, async (session) => {
      const { code, stdout, stderr } = await scaled(session, { replicas: 15, yes: true, output: 'json' });
      expect(code).toBe(0);
      expect(stderr).toMatch(/^\d\d:\d\d:\d\d as foretold: 8 of 15 Ready; 7 Pending: 0\/3 nodes are available: 3 Insufficient nvidia.com\/gpu$/m);
      expect(JSON.parse(stdout)).toMatchObject({
        schemaVersion: 1,
        workloads: [
          {
            kind: 'Deployment',
            namespace: 'ai',
            name: 'resnet50-inference',
            from: 1,
            to: 15,
            forecast: {
              ready: 8,
              pending: 7,
              pendingReason: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
              notCreated: 0,
              placed: { 'gpu-1': 3, 'gpu-2': 4 },
            },
          },
        ],
        result: 'done',
        undo: 'kubectl --context demo -n ai scale deployment/resnet50-inference --replicas 1',
      });
    }));

  it('wants to be told with --yes', () =>
    inDemo({ scenario: 'healthy' }, async (session) => {
      const { code, stderr } = await scaled(session, {});
      expect(code).toBe(2);
      expect(stderr).toContain('gpuk8s-tui: nothing was changed: --yes does it, --dry-run only shows it\n');
    }));

  it('says that there is nothing to do', () =>
    inDemo({ scenario: 'healthy' }, async (session) => {
      expect(await scaled(session, { replicas: 1, yes: true })).toMatchObject({
        code: 0,
        stdout: 'nothing to do: deployment ai/resnet50-inference has 1 replica\n',
      });
    }));

  it('says what it cannot find, and what it cannot scale', () =>
    inDemo({ scenario: 'healthy' }, async (session) => {
      expect((await scaled(session, { objects: ['resnet50-inference'], dryRun: true })).stderr).toContain(
        '"resnet50-inference" does not name a workload: give KIND/NAME, for example deployment/resnet50-inference',
      );
      expect((await scaled(session, { objects: ['deployment/gone'], dryRun: true })).stderr).toContain('there is no deployment default/gone');
    }));

  it('tells somebody who may only look that they may not', () =>
    inDemo(
      { scenario: 'healthy' },
      async (session) => {
        const { code, stderr } = await scaled(session, { yes: true });
        expect(code).toBe(1);
        expect(stderr).toContain('cannot be done as things are: this user may not patch deployments.apps/scale in ai\n');
      },
      true,
    ));

  it('refuses in a read-only session', async () => {
    const session = aSession(aLab(), { readOnly: true });
    expect(await scaled(session, { yes: true })).toMatchObject({
      code: 2,
      stderr: 'gpuk8s-tui: this session is read-only: nothing is scaled from here; --dry-run shows what would come of it\n',
    });
    expect(session.asked).toEqual([]);
  });
});
