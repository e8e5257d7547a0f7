# Pods of the default namespace with Secrets, images without a fixed tag, and monitoring behind ports of the nodes. Input: all pods and all services.
def owner: .metadata.ownerReferences[0].name // .metadata.name;
def secrets: [
  .spec.volumes[]?.secret.secretName // empty,
  (.spec.containers[] | .env[]?.valueFrom.secretKeyRef.name // empty, .envFrom[]?.secretRef.name // empty)
] | unique[];
def loose: select(contains("@sha256:") | not) | select((split("/")[-1] | contains(":") | not) or endswith(":latest"));
.items[]
| if .kind == "Pod" then
    (select(.metadata.namespace == "default") | "default/\(owner) uses Secret \(secrets)"),
    "\(.metadata.namespace)/\(owner) runs \((.spec.containers + (.spec.initContainers // []))[].image | loose)"
  else
    select(.spec.type == "NodePort" or .spec.type == "LoadBalancer")
    | select(.metadata.name | test("grafana|prometheus|alertmanager"))
    | "service \(.metadata.namespace)/\(.metadata.name) is open as \(.spec.type)"
  end
