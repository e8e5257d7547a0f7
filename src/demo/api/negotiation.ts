import { ApiError } from './api-error.js';

/** In which form an answer is wanted. */
export type Form = 'object' | 'table' | 'partial';

const served =
  'application/json, application/yaml, application/vnd.kubernetes.protobuf, application/json;as=Table;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** Reads an Accept header; throws ApiError 406 where nothing in it can be given. JSON is all there is. */
export function acceptedForm(accept: string | undefined): Form {
  if (accept === undefined || accept.trim() === '') return 'object';
  for (const clause of accept.split(',')) {
    const [mediaType = '', ...parameters] = clause.split(';').map((part) => part.trim());
    if (!['application/json', '*/*', 'application/*'].includes(mediaType)) continue;
    const given = new Map(parameters.map((parameter): [string, string] => [parameter.split('=')[0] ?? '', parameter.split('=')[1] ?? '']));
    const as = given.get('as');
    if (as === undefined) return 'object';
    if (given.get('g') !== 'meta.k8s.io' || !['v1', 'v1beta1'].includes(given.get('v') ?? '')) continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'partial';
  }
  throw new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${served}`);
}
