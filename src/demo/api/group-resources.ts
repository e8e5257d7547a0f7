import { numberAt, textAt } from './json.js';
import {
  apiServicePrinter,
  autoscalerPrinter,
  disruptionBudgetPrinter,
  leasePrinter,
  priorityClassPrinter,
  roleBindingPrinter,
  runtimeClassPrinter,
  signingRequestPrinter,
  webhookPrinter,
} from './printers/cluster.js';
import { endpointSlicePrinter, ingressClassPrinter, ingressPrinter, networkPolicyPrinter } from './printers/network.js';
import { csiDriverPrinter, csiNodePrinter, storageClassPrinter, volumeAttachmentPrinter } from './printers/storage.js';
import {
  controllerRevisionPrinter,
  cronJobPrinter,
  daemonSetPrinter,
  deploymentPrinter,
  jobPrinter,
  replicaSetPrinter,
  statefulSetPrinter,
} from './printers/workloads.js';
import type { ResourceRow } from './resource-type.js';

/** The named groups in the order in which the real server offers them. */
export const groupResources: readonly { readonly group: string; readonly version: string; readonly resources: readonly ResourceRow[] }[] = [
  {
    group: 'apiregistration.k8s.io',
    version: 'v1',
    resources: [{ kind: 'APIService', plural: 'apiservices', categories: ['api-extensions'], namespaced: false, status: true, printer: apiServicePrinter }],
  },
  {
    group: 'apps',
    version: 'v1',
    resources: [
      { kind: 'ControllerRevision', plural: 'controllerrevisions', printer: controllerRevisionPrinter },
      { kind: 'DaemonSet', plural: 'daemonsets', short: ['ds'], categories: ['all'], status: true, printer: daemonSetPrinter },
      { kind: 'Deployment', plural: 'deployments', short: ['deploy'], categories: ['all'], status: true, scale: true, printer: deploymentPrinter },
      {
        kind: 'ReplicaSet',
        plural: 'replicasets',
        short: ['rs'],
        categories: ['all'],
        status: true,
        scale: true,
        fields: { 'status.replicas': (object) => String(numberAt(object, 'status', 'replicas')) },
        printer: replicaSetPrinter,
      },
      { kind: 'StatefulSet', plural: 'statefulsets', short: ['sts'], categories: ['all'], status: true, scale: true, printer: statefulSetPrinter },
    ],
  },
  {
    group: 'autoscaling',
    version: 'v2',
    resources: [
      { kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', short: ['hpa'], categories: ['all'], status: true, printer: autoscalerPrinter },
    ],
  },
  {
    group: 'batch',
    version: 'v1',
    resources: [
      { kind: 'CronJob', plural: 'cronjobs', short: ['cj'], categories: ['all'], status: true, printer: cronJobPrinter },
      {
        kind: 'Job',
        plural: 'jobs',
        categories: ['all'],
        status: true,
        fields: { 'status.successful': (object) => String(numberAt(object, 'status', 'succeeded')) },
        printer: jobPrinter,
      },
    ],
  },
  {
    group: 'certificates.k8s.io',
    version: 'v1',
    resources: [
      {
        kind: 'CertificateSigningRequest',
        plural: 'certificatesigningrequests',
        short: ['csr'],
        namespaced: false,
        status: true,
        subresources: [{ name: 'approval', kind: 'CertificateSigningRequest', verbs: ['get', 'patch', 'update'] }],
        fields: { 'spec.signerName': (object) => textAt(object, 'spec', 'signerName') },
        printer: signingRequestPrinter,
      },
    ],
  },
  {
    group: 'networking.k8s.io',
    version: 'v1',
    resources: [
      { kind: 'IngressClass', plural: 'ingressclasses', namespaced: false, printer: ingressClassPrinter },
      { kind: 'Ingress', plural: 'ingresses', short: ['ing'], status: true, printer: ingressPrinter },
      { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'], printer: networkPolicyPrinter },
    ],
  },
  {
    group: 'policy',
    version: 'v1',
    resources: [{ kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', short: ['pdb'], status: true, printer: disruptionBudgetPrinter }],
  },
  {
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    resources: [
      { kind: 'ClusterRoleBinding', plural: 'clusterrolebindings', namespaced: false, printer: roleBindingPrinter },
      { kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
      { kind: 'RoleBinding', plural: 'rolebindings', printer: roleBindingPrinter },
      { kind: 'Role', plural: 'roles' },
    ],
  },
  {
    group: 'storage.k8s.io',
    version: 'v1',
    resources: [
      { kind: 'CSIDriver', plural: 'csidrivers', namespaced: false, printer: csiDriverPrinter },
      { kind: 'CSINode', plural: 'csinodes', namespaced: false, printer: csiNodePrinter },
      { kind: 'StorageClass', plural: 'storageclasses', short: ['sc'], namespaced: false, printer: storageClassPrinter },
      { kind: 'VolumeAttachment', plural: 'volumeattachments', namespaced: false, status: true, printer: volumeAttachmentPrinter },
    ],
  },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resources: [
      {
        kind: 'MutatingWebhookConfiguration',
        plural: 'mutatingwebhookconfigurations',
        categories: ['api-extensions'],
        namespaced: false,
        printer: webhookPrinter,
      },
      {
        kind: 'ValidatingWebhookConfiguration',
        plural: 'validatingwebhookconfigurations',
        categories: ['api-extensions'],
        namespaced: false,
        printer: webhookPrinter,
      },
    ],
  },
  {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resources: [
      {
        kind: 'CustomResourceDefinition',
        plural: 'customresourcedefinitions',
        short: ['crd', 'crds'],
        categories: ['api-extensions'],
        namespaced: false,
        status: true,
      },
    ],
  },
  {
    group: 'scheduling.k8s.io',
    version: 'v1',
    resources: [{ kind: 'PriorityClass', plural: 'priorityclasses', short: ['pc'], namespaced: false, printer: priorityClassPrinter }],
  },
  { group: 'coordination.k8s.io', version: 'v1', resources: [{ kind: 'Lease', plural: 'leases', printer: leasePrinter }] },
  { group: 'node.k8s.io', version: 'v1', resources: [{ kind: 'RuntimeClass', plural: 'runtimeclasses', namespaced: false, printer: runtimeClassPrinter }] },
  { group: 'discovery.k8s.io', version: 'v1', resources: [{ kind: 'EndpointSlice', plural: 'endpointslices', printer: endpointSlicePrinter }] },
];

/** What can be created but not kept: questions to the server itself. */
export const reviewResources: readonly { readonly group: string; readonly kind: string; readonly plural: string; readonly namespaced: boolean }[] = [
  { group: 'authentication.k8s.io', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews', namespaced: false },
  { group: 'authorization.k8s.io', kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews', namespaced: true },
  { group: 'authorization.k8s.io', kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews', namespaced: false },
  { group: 'authorization.k8s.io', kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews', namespaced: false },
  { group: 'authorization.k8s.io', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews', namespaced: false },
];
