# The subjects that may do everything, and what is open to callers without a login, besides what Kubernetes itself sets up.
.items[] | .metadata.name as $name | .roleRef as $role | .subjects[]?
| select($role.name == "cluster-admin" or .name == "system:unauthenticated" or .name == "system:anonymous")
| select(
    (($name == "cluster-admin" and .name == "system:masters")
      or ($name == "kubeadm:cluster-admins" and .name == "kubeadm:cluster-admins")
      or $name == "system:public-info-viewer") | not)
| "\(.kind) \(if .namespace then "\(.namespace)/" else "" end)\(.name) has \($role.name) by \($name)"
