/** The tabs in their order: key, name, and the short name for 80 columns. */
export const tabs = [
  { id: 'overview', key: '1', name: 'Overview', short: 'Over' },
  { id: 'nodes', key: '2', name: 'Nodes', short: 'Node' },
  { id: 'gpus', key: '3', name: 'GPUs', short: 'GPU' },
  { id: 'monitoring', key: '4', name: 'Monitoring', short: 'Mon' },
  { id: 'latency', key: '5', name: 'Latency', short: 'Lat' },
  { id: 'workloads', key: '6', name: 'Workloads', short: 'Work' },
  { id: 'cleanup', key: '7', name: 'Cleanup', short: 'Clean' },
  { id: 'setup', key: '8', name: 'Setup', short: 'Setup' },
  { id: 'journal', key: '9', name: 'Journal', short: 'Jour' },
] as const;

export type ScreenId = (typeof tabs)[number]['id'];

export function isScreenId(text: string): text is ScreenId {
  return tabs.some(({ id }) => id === text);
}
