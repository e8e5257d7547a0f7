import { isObject, objectIn } from './json-body.js';
import { json, type Reply } from './reply.js';

/** The dashboards in the demo's Grafana, with its answers about them. */
export interface Dashboards {
  /** `POST /api/dashboards/db` with `{"dashboard":{…},"overwrite":…,"folderUid":…}`. */
  store(body: string): Reply;
  remove(uid: string): Reply;
  show(uid: string, canSave: boolean): Reply;
  search(parameters: URLSearchParams): Reply;
}

/** Those that kube-prometheus-stack brings, read from files: nobody can change them. */
export function installedDashboards(): Dashboards {
  const stored = new Map<string, Stored>();
  let lastId = 0;
  const add = (uid: string, title: string, model: Stored['model'], provisioned: boolean, folderUid = ''): Stored => {
    const known = stored.get(uid);
    const id = known?.id ?? ++lastId;
    const version = (known?.version ?? 0) + 1;
    const dashboard = { id, version, title, provisioned, folderUid, model: { ...model, id, uid, title, version } };
    stored.set(uid, dashboard);
    return dashboard;
  };
  for (const [uid, title] of installed) add(uid, title, { tags: ['kubernetes-mixin'], timezone: 'utc', schemaVersion: 42, panels: [] }, true);

  return {
    store(body) {
      const { dashboard, overwrite, folderUid } = objectIn(body) ?? {};
      if (!isObject(dashboard)) return json(400, { message: 'bad request data' });
      const { title, uid: given, version } = dashboard;
      if (typeof title !== 'string' || title.trim() === '') return json(400, { message: 'Dashboard title cannot be empty', status: 'empty-name' });
      const uid = typeof given === 'string' && given !== '' ? given : `d${Date.now().toString(36)}${stored.size}`;
      const known = stored.get(uid);
      if (known?.provisioned === true) return json(400, { message: 'Cannot save provisioned dashboard' });
      if (known !== undefined && overwrite !== true && version !== known.version) {
        return json(412, { message: 'The dashboard has been changed by someone else', status: 'version-mismatch' });
      }
      const kept = add(uid, title, dashboard, false, typeof folderUid === 'string' ? folderUid : '');
      return json(200, { folderUid: kept.folderUid, id: kept.id, slug: slugOf(title), status: 'success', uid, url: urlOf(uid, title), version: kept.version });
    },
    remove(uid) {
      const known = stored.get(uid);
      if (known === undefined) return notThere;
      if (known.provisioned) return json(400, { message: 'provisioned dashboard cannot be deleted' });
      stored.delete(uid);
      return json(200, { id: known.id, message: `Dashboard ${known.title} deleted`, title: known.title });
    },
    show(uid, canSave) {
      const known = stored.get(uid);
      if (known === undefined) return notThere;
      const { title, version, folderUid, provisioned, model } = known;
      const meta = { type: 'db', canSave, canEdit: canSave, canAdmin: canSave, slug: slugOf(title), url: urlOf(uid, title), version, folderUid, provisioned };
      return json(200, { meta, dashboard: model });
    },
    search(parameters) {
      const type = parameters.get('type');
      if (type !== null && type !== 'dash-db') return json(200, []);
      const query = (parameters.get('query') ?? '').toLowerCase();
      const uids = parameters.getAll('dashboardUIDs');
      const tags = parameters.getAll('tag');
      const found = [...stored].filter(
        ([uid, { title, model }]) =>
          title.toLowerCase().includes(query) && (uids.length === 0 || uids.includes(uid)) && tags.every((tag) => tagsOf(model).includes(tag)),
      );
      const limit = Number(parameters.get('limit') ?? 1000);
      return json(
        200,
        found
          .slice(0, limit)
          .map(([uid, { id, title, model }]) => ({ ...hit, id, uid, title, uri: `db/${slugOf(title)}`, url: urlOf(uid, title), tags: tagsOf(model) })),
      );
    },
  };
}

interface Stored {
  readonly id: number;
  readonly version: number;
  readonly title: string;
  readonly provisioned: boolean;
  readonly folderUid: string;
  readonly model: Readonly<Record<string, unknown>>;
}

const installed = [
  ['alertmanager-overview', 'Alertmanager / Overview'],
  ['efa86fd1d0c121a26444b636a3f509a8', 'Kubernetes / Compute Resources / Cluster'],
  ['200ac8fdbfbb74b39aff88118e4d1c2c', 'Kubernetes / Compute Resources / Node (Pods)'],
  ['7d57716318ee0dddbac5a7f451fb7753', 'Node Exporter / Nodes'],
  ['9fa0d141-d019-4ad7-8bc5-42196ee308bd', 'Prometheus / Overview'],
] as const;

const hit = { slug: '', type: 'dash-db', isStarred: false, sortMeta: 0, isDeleted: false };
const notThere = json(404, { message: 'Dashboard not found' });

function urlOf(uid: string, title: string): string {
  return `/d/${uid}/${slugOf(title)}`;
}

function slugOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

function tagsOf({ tags }: Stored['model']): readonly string[] {
  return Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
}
