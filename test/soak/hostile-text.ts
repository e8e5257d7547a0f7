import type { Happening } from '../../src/demo/scenario-steps.js';

/** What stands before and after each planted text, to be found on screens. */
export const mark = 'HOSTILE';

/** The clipboard that a planted OSC 52 would set. */
export const plantedClipboard = Buffer.from('a planted clipboard').toString('base64');

/** Colours, titles, clipboards, questions and cursors in 7 and 8 bits, bidi and zero-width characters, tags, halves of pairs. */
export const hostileText = [
  `${mark} \x1b]52;c;${plantedClipboard}\x07`,
  '\x1b[5;8;31m\x1b[2J\x1b[6n\x1b[?1000h\x9b5m\x9d0;title\x9c',
  '\x1bP$q m\x1b\\\x1bc\x1b]8;;http://127.0.0.1/\x1b\\link\x1b]8;;\x1b\\',
  '\u202egnp.\u2066x\u2069\u200b\u200d\ufeff\u{e0041}\ud800\u0000\b\u007f',
  `\r\n\tend of ${mark}`,
].join('');

/** What is planted for as long as the soak lasts: it changes no state. */
export function plantedText(): readonly Happening[] {
  return [
    ...['gpu-1', 'gpu-2', 'controlplane'].flatMap((node, place): Happening[] => [
      {
        do: 'patch',
        resource: 'nodes',
        namespace: null,
        name: node,
        merge: { metadata: { annotations: { 'example.com/note': hostileText }, labels: { rack: hostileText } } },
      },
      event('Node', node, null, place),
    ]),
    ...['resnet50-inference', 'distilbert-inference'].flatMap((name, place): Happening[] => [
      {
        do: 'patch',
        resource: 'deployments.apps',
        namespace: 'ai',
        name,
        merge: { metadata: { annotations: { 'example.com/note': hostileText, 'kubernetes.io/change-cause': hostileText }, labels: { team: hostileText } } },
      },
      event('Deployment', name, 'ai', place),
    ]),
    { do: 'ghost', namespace: 'ai', name: 'stranger', node: 'gpu-1', phase: 'Failed', reason: hostileText, message: hostileText },
  ];
}

function event(kind: string, name: string, namespace: string | null, place: number): Happening {
  const stamp = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const home = namespace ?? 'default';
  return {
    do: 'create',
    resource: 'events',
    object: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.hostile${place}`, namespace: home, creationTimestamp: stamp },
      involvedObject: { kind, name, ...(namespace === null ? {} : { namespace }) },
      reason: hostileText,
      message: hostileText,
      type: 'Warning',
      source: { component: hostileText, host: hostileText },
      firstTimestamp: stamp,
      lastTimestamp: stamp,
      count: 7,
      eventTime: null,
      reportingComponent: hostileText,
      reportingInstance: hostileText,
    },
  };
}
