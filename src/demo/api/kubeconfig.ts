/** A kubeconfig document as YAML: one cluster, one user with a bearer token, one context, all inline. */
export function kubeconfigText(options: {
  readonly server: string;
  readonly caPem: string;
  readonly user: string;
  readonly token: string;
  /** Name of cluster and context. Default `demo`. */
  readonly context?: string;
  readonly namespace?: string;
}): string {
  const { server, caPem, user, token, context = 'demo', namespace } = options;
  return `apiVersion: v1
kind: Config
clusters:
- name: ${JSON.stringify(context)}
  cluster:
    server: ${JSON.stringify(server)}
    certificate-authority-data: ${Buffer.from(caPem).toString('base64')}
users:
- name: ${JSON.stringify(`${context}-${user}`)}
  user:
    token: ${JSON.stringify(token)}
contexts:
- name: ${JSON.stringify(context)}
  context:
    cluster: ${JSON.stringify(context)}
    user: ${JSON.stringify(`${context}-${user}`)}
${namespace === undefined ? '' : `    namespace: ${JSON.stringify(namespace)}\n`}current-context: ${JSON.stringify(context)}
preferences: {}
`;
}
