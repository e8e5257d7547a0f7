# How many GPUs are free, taking those of one service (its pods carry its name as `app`) for free. Input: all nodes and all pods.
([.items[] | select(.kind == "Node" and .spec.unschedulable != true) | .status.allocatable["nvidia.com/gpu"] // "0" | tonumber] | add // 0)
- ([.items[]
    | select(.kind == "Pod" and .spec.nodeName != null and .status.phase != "Succeeded" and .status.phase != "Failed")
    | select((.metadata.namespace == $namespace and .metadata.labels.app == $app) | not)
    | .spec.containers[].resources.limits["nvidia.com/gpu"] // "0" | tonumber] | add // 0)
