# How many more GPUs pods of a namespace can have, taking those of one service there (its pods carry its name as `app`) for free.
# Input: all nodes, pods and quotas.
def gpus: [.spec.containers[].resources.limits["nvidia.com/gpu"] // "0" | tonumber] | add;
def own: .metadata.namespace == $namespace and .metadata.labels.app == $app;
[.items[] | select(.kind == "Pod" and .status.phase != "Succeeded" and .status.phase != "Failed")] as $pods
| ([.items[] | select(.kind == "Node" and .spec.unschedulable != true) | .status.allocatable["nvidia.com/gpu"] // "0" | tonumber] | add // 0) as $all
| ([$pods[] | select(.spec.nodeName != null and (own | not)) | gpus] | add // 0) as $taken
| ([$pods[] | select(own) | gpus] | add // 0) as $owned
| [.items[] | select(.kind == "ResourceQuota" and .metadata.namespace == $namespace) | .status
    | select(.hard["requests.nvidia.com/gpu"] != null)
    | (.hard["requests.nvidia.com/gpu"] | tonumber) - (.used["requests.nvidia.com/gpu"] // "0" | tonumber) + $owned] as $allowed
| [$all - $taken, $allowed[]] | min
