import { readiness } from '../state/nodes.js';
import type { Evidence } from '../state/report.js';
import { type Check, defineCheck, type Observation } from './check.js';
import { registers } from './device-plugin.js';
import { type GpuNode, gpuNodes } from './gpu-nodes.js';
import type { Sight } from './sight.js';

const noNvidia: Observation = { object: 'cluster', status: 'skipped', message: 'no NVIDIA GPUs here' };

export const nvidiaRuntimeClass: Check = defineCheck({
  id: 'runtimeclass',
  title: 'the nvidia RuntimeClass is there',
  severity: 'critical',
  look(sight) {
    const nodes = nvidiaNodes(sight);
    if (nodes.length === 0) return [noNvidia];
    const runtimeClass = sight.see('runtimeClasses').get('nvidia');
    if (runtimeClass?.handler === 'nvidia') return [{ object: 'cluster', status: 'pass', message: 'nvidia, handler nvidia' }];
    // Where nvidia is the default runtime, plugins and workloads start without the class.
    const working = nodes.every(offersAll);
    const missing = runtimeClass === undefined ? 'No RuntimeClass nvidia' : `The RuntimeClass nvidia has the handler ${runtimeClass.handler}, not nvidia`;
    const lacking = nodes.filter((node) => !offersAll(node));
    return [
      {
        object: 'cluster',
        status: working ? 'warn' : 'fail',
        severity: working ? 'warning' : 'critical',
        message: working
          ? `${missing}: pods get at the GPUs only where nvidia is the default runtime, as it seems to be here`
          : `${missing}: ${registers(lacking)}, since pods get at them only where nvidia is the default runtime`,
        evidence: refusals(sight),
        fix: {
          summary: 'Create the RuntimeClass nvidia with the handler nvidia',
          command: createRuntimeClass(sight),
          operation: { id: 'apply-runtime-class', input: {} },
        },
        explains: ['runtimeclass/nvidia'],
      },
    ];
  },
});

/** The newest words of whoever asked for it in vain. */
function refusals(sight: Sight): readonly Evidence[] {
  const events = [...(sight.peek('events')?.values() ?? [])].filter(({ message }) => /RuntimeClass "nvidia" not found/.test(message));
  const newest = events.toSorted((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0))[0];
  return newest === undefined ? [] : [{ source: `event ${newest.reason} of ${newest.object.kind} ${newest.object.name}`, text: newest.message }];
}

export const nvidiaHandler: Check = defineCheck({
  id: 'nvidia-handler',
  title: 'container runtimes know nvidia',
  severity: 'critical',
  dependsOn: ['coming-back', 'node-ready'],
  look(sight) {
    const nodes = nvidiaNodes(sight);
    return nodes.length === 0 ? [noNvidia] : nodes.map(handlerOf);
  },
});

function handlerOf(gpuNode: GpuNode): Observation {
  const { name, runtimeHandlers, info } = gpuNode.node;
  const object = `node/${name}`;
  if (readiness(gpuNode.node) === 'unknown')
    return { object, status: 'unknown', message: `${name} no longer reports its runtime handlers`, explainedBy: [[object]] };
  if (runtimeHandlers?.some((handler) => /^nvidia(?:-|$)/.test(handler))) return { object, status: 'pass', message: 'runtime handler nvidia' };
  if (runtimeHandlers === null || runtimeHandlers.length === 0) {
    if (offersAll(gpuNode))
      return {
        object,
        status: 'skipped',
        message: `its kubelet does not report runtime handlers (${info.kubeletVersion ?? 'version unknown'}), and all its GPUs are offered`,
      };
    return { object, status: 'unknown', message: `${name} does not report its runtime handlers`, explainedBy: [[object]] };
  }
  const working = offersAll(gpuNode);
  const crio = info.containerRuntimeVersion?.startsWith('cri-o') ?? false;
  return {
    object,
    status: working ? 'warn' : 'fail',
    severity: working ? 'warning' : 'critical',
    message: `The container runtime of ${name} has no handler nvidia (it has ${runtimeHandlers.filter((handler) => handler !== '').join(', ') || 'only the default'})`,
    fix: {
      summary: `Configure the NVIDIA container toolkit on ${name} and restart the runtime`,
      command: `ssh ${name} 'sudo nvidia-ctk runtime configure --runtime=${crio ? 'crio' : 'containerd'} && sudo systemctl restart ${crio ? 'crio' : 'containerd'}'`,
    },
    explains: [`handler/${name}`],
    explainedBy: [[object]],
  };
}

function nvidiaNodes(sight: Sight): readonly GpuNode[] {
  return gpuNodes(sight).filter((gpuNode) => gpuNode.vendor === 'nvidia');
}

function offersAll(gpuNode: GpuNode): boolean {
  return gpuNode.allocatable > 0 && gpuNode.allocatable >= gpuNode.expected;
}

function createRuntimeClass(sight: Sight): string {
  const object = '{"apiVersion":"node.k8s.io/v1","kind":"RuntimeClass","metadata":{"name":"nvidia"},"handler":"nvidia"}';
  return `echo '${object}' | ${sight.kubectl('apply', '-f', '-')}`;
}
