# Namespaces that refuse no pods, besides those of the cluster itself and the exempt ones.
($exempt | split(" ")) as $names
| .items[]
| select(.status.phase == "Active" and .metadata.labels["pod-security.kubernetes.io/enforce"] == null)
| .metadata.name
| select((test("^(kube-|calico-|tigera-|gpu-operator|monitoring)") | not) and (. as $name | $names | index($name) | not))
