import { hostile, megabyte } from './planted.js';

/** An object of the API, an answer of Prometheus, Alertmanager or Grafana, with hostile text wherever the one who sends it could have put some. */
export function poisoned(value: unknown, path: string): unknown {
  if (/\/proxy\//.test(path)) return monitoring(value, path);
  return object(value, [], kindOf(value));
}

type Json = Readonly<Record<string, unknown>>;

function object(value: unknown, keys: readonly string[], kind: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => object(item, keys, kind === '' ? kindOf(item) : kind));
  if (!isJson(value)) return value;
  const own = typeof value['kind'] === 'string' && value['apiVersion'] !== undefined ? value['kind'] : kind;
  const entries = Object.entries(value).map(([key, child]) => [
    key,
    typeof child === 'string' ? text(child, key, keys, own) : object(child, [...keys, key], own),
  ]);
  const changed: Json = Object.fromEntries(entries);
  if (keys.at(-1) === 'metadata') return changed;
  const metadata = changed['metadata'];
  if (!isJson(metadata) || typeof metadata['name'] !== 'string') return changed;
  const annotations = isJson(metadata['annotations']) ? metadata['annotations'] : {};
  return { ...changed, metadata: { ...metadata, annotations: { ...annotations, 'example.com/note': hostile('zq-annotation') } } };
}

function text(value: string, key: string, keys: readonly string[], kind: string): string {
  const within = (name: string) => keys.includes(name);
  switch (key) {
    case 'message':
      if (kind === 'Event') return value.includes('default-scheduler') ? megabyte('zq-event') : `${hostile('zq-event')} ${value}`;
      if (within('conditions')) return `${hostile('zq-condition')} ${value}`;
      return within('state') || within('lastState') ? `${hostile('zq-container')} ${value}` : `${value} ${hostile('zq-message')}`;
    case 'reason':
      return kind === 'Event' ? `${value}${hostile('zq-reason')}` : within('conditions') ? `${value}${hostile('zq-why')}` : value;
    case 'image':
    case 'imageID':
      return `${value}${hostile('zq-image')}`;
    case 'osImage':
    case 'kernelVersion':
    case 'kubeletVersion':
    case 'containerRuntimeVersion':
    case 'gitVersion':
      return `${value}${hostile(`zq-${key.toLowerCase()}`)}`;
    case 'component':
    case 'reportingComponent':
      return `${value}${hostile('zq-source')}`;
    default:
      return within('names') || within('args') || within('env') ? `${value}${hostile('zq-spec')}` : value;
  }
}

/** What Prometheus and its neighbours say of what they were told by others. */
function monitoring(value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => monitoring(item, path));
  if (typeof value === 'object' && value !== null) {
    const told = isJson(value) && value['status'] === 'success' ? { warnings: [hostile('zq-warning')], infos: [hostile('zq-info')] } : {};
    return {
      ...Object.fromEntries(
        Object.entries(value).map(([key, child]) => [key, typeof child === 'string' ? measured(child, key) : monitoringOf(child, key, path)]),
      ),
      ...told,
    };
  }
  return value;
}

function monitoringOf(value: unknown, key: string, path: string): unknown {
  const inner = monitoring(value, path);
  return isJson(inner) && (key === 'labels' || key === 'discoveredLabels') ? { ...inner, note: hostile('zq-label') } : inner;
}

function measured(value: string, key: string): string {
  switch (key) {
    case 'lastError':
      return value === '' ? value : value.includes('dcgm') ? megabyte('zq-target') : `${hostile('zq-target')} ${value}`;
    case 'summary':
    case 'description':
    case 'message':
      return `${hostile(`zq-${key}`)} ${value}`;
    case 'severity':
    case 'scrapeUrl':
    case 'version':
    case 'modelName':
    case 'DCGM_FI_DRIVER_VERSION':
    case 'model_name':
    case 'err_msg':
      return `${value}${hostile(`zq-${key.toLowerCase()}`)}`;
    default:
      return value;
  }
}

/** A container's log: a hostile start of each line after its time, and one line of a megabyte. */
export function poisonedLog(log: string): string {
  const lines = log.split('\n').filter((line) => line !== '');
  const changed = lines.map((line) => line.replace(/^(\d{4}-\S+Z )?/, (time) => `${time}${inOneLine(hostile('zq-log'))} `));
  return `${[...changed, `${/^\d{4}-\S+Z /.exec(lines.at(-1) ?? '')?.[0] ?? ''}${inOneLine(megabyte('zq-megabyte'))}`].join('\n')}\n`;
}

/** Metrics in Prometheus' text form, with hostile values of labels. */
export function poisonedMetrics(metrics: string): string {
  const label = inOneLine(hostile('zq-metric')).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return metrics.replace(/\b(modelName|model_name|DCGM_FI_DRIVER_VERSION|err_msg)="/g, `$1="${label}`);
}

/** Without what would end the line: the carriage return stays. */
export function inOneLine(words: string): string {
  return words.replaceAll('\n', '');
}

function kindOf(value: unknown): string {
  const kind = isJson(value) && typeof value['kind'] === 'string' ? value['kind'] : '';
  return kind.replace(/List$/, '');
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
