/** An evicted pod as the API gives it. */
export function failed(
  name: string,
  {
    reason = 'Evicted',
    owner = 'ReplicaSet/whisper-5d9c7b8f4d',
    node = 'gpu-1',
    namespace = 'ai',
    endedAt = '2026-11-01T10:00:00Z',
    ...metadata
  }: Readonly<Record<string, unknown>> = {},
) {
  const [kind, ownerName] = String(owner).split('/');
  return {
    metadata: {
      namespace: String(namespace),
      name,
      uid: `uid-${name}`,
      ...(owner === null ? {} : { ownerReferences: [{ kind, name: ownerName, controller: true }] }),
      ...metadata,
    },
    spec: { nodeName: node },
    status: { phase: 'Failed', reason, conditions: [{ type: 'DisruptionTarget', lastTransitionTime: endedAt }] },
  };
}
