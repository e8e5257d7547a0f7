import type { NodeLife } from './controllers/nodes.js';
import { specOf } from './controllers/objects.js';
import type { Systems } from './controllers/systems.js';
import type { World } from './controllers/world.js';
import { type Fields, isFields } from './fields.js';
import type { DemoFaults } from './monitoring/world.js';
import type { Happening, Step } from './scenario-steps.js';
import { createEvicted, createGhost } from './seed/evicted-pods.js';
import { change } from './system-changes.js';

/** What steps act on besides the objects. */
export interface Stage {
  readonly world: World;
  readonly nodes: NodeLife;
  readonly systems: Systems;
  readonly monitoring: DemoFaults;
  /** In place of the scenario's number of evicted pods, when asked for. */
  readonly evicted: number | null;
  setAccepting(accepting: boolean): void;
  forgetHistory(): void;
}

/** Lets one step of a scenario happen now. A step about a node or an object that is not there changes nothing. */
export function perform(stage: Stage, step: Happening): void {
  const { world, nodes, monitoring } = stage;
  switch (step.do) {
    case 'reboot':
    case 'node-down':
    case 'boot':
    case 'node-up':
    case 'driver':
    case 'xid':
    case 'pressure': {
      const machine = world.machines.get(step.node);
      if (machine === null) return;
      if (step.do === 'reboot') stage.systems.reboot(machine);
      else if (step.do === 'node-down') nodes.down(machine);
      else if (step.do === 'boot') nodes.boot(machine, systemMs);
      else if (step.do === 'driver') machine.driver = { module: step.module, library: step.library, since: world.clock.now() };
      else if (step.do === 'xid') nodes.lose(machine, { at: world.clock.now(), gpu: step.gpu, code: step.code, text: step.text });
      else if (step.do === 'node-up') stage.systems.up(machine, step.kernel === null ? {} : { kernelVersion: step.kernel });
      else nodes.pressure(machine, step.type, step.on);
      return;
    }
    case 'patch':
      patch(world, step);
      return;
    case 'break': {
      const { do: _, node, message, until, ...fault } = step;
      world.faults.set({
        ...fault,
        ...(until === 'replaced' ? { before: world.clock.now() } : {}),
        ...(node === null ? {} : { node }),
        ...(message === null ? {} : { message }),
      });
      return;
    }
    case 'mend':
      world.faults.clear(step.namespace, step.app);
      return;
    case 'api':
      stage.setAccepting(step.accepting);
      return;
    case 'forget':
      stage.forgetHistory();
      return;
    case 'monitoring':
      monitoring.prometheusDown = step.prometheusDown;
      monitoring.grafanaDown = step.grafanaDown;
      monitoring.targetsDown = new Map(Object.entries(step.targetsDown));
      return;
    case 'swap':
    case 'fill':
    case 'cni-lost':
    case 'owner':
    case 'certificates':
    case 'unit': {
      const machine = world.machines.get(step.node);
      if (machine === null) return;
      change(stage, machine, step);
      stage.systems.look(machine);
      return;
    }
    case 'create':
      world.store.create(step.resource, step.object);
      return;
    case 'remove':
      world.store.remove(step.resource, step.name, step.namespace ?? undefined);
      return;
    case 'evict':
      createEvicted(world, { ...step, count: stage.evicted ?? step.count });
      return;
    case 'ghost':
      createGhost(world, step);
      return;
  }
}

/** From the kernel's start to a server that lets people log in. */
const systemMs = 38_000;

/** Performs each step when its time has come; `start` is the demo's own zero (ms since the epoch). */
export function schedule(stage: Stage, steps: readonly Step[], start: number): void {
  for (const step of steps) stage.world.clock.after(Math.max(0, start + step.at * 1000 - stage.world.clock.now()), () => perform(stage, step));
}

function patch(world: World, step: Extract<Happening, { do: 'patch' }>): void {
  const object = world.store.get(step.resource, step.name, step.namespace ?? undefined);
  if (object === null) return;
  const { generation } = object.metadata;
  const merged = { ...object, ...merge(object, step.merge) };
  const changed =
    isFields(step.merge['spec']) && generation !== undefined
      ? { ...merged, metadata: { ...object.metadata, generation: generation + 1 }, spec: merge(specOf(object), step.merge['spec']) }
      : merged;
  world.store.update(step.resource, changed);
}

/** JSON merge patch, RFC 7386: null removes. */
function merge(target: Fields, change: Fields): Fields {
  const result: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete result[name];
    else if (isFields(value)) {
      const before = result[name];
      result[name] = merge(isFields(before) ? before : {}, value);
    } else result[name] = value;
  }
  return result;
}
