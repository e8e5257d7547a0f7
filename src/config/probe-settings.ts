/** URLs that should answer, `contexts.NAME.probes` in config.json, by the name they are shown under. */
export type ProbeSettings = Readonly<Record<string, ProbeSetting>>;

export interface ProbeSetting {
  /** http or https; user and password in it are sent to it, and masked wherever it is shown. */
  readonly url: string;
  /** A PEM file with the authorities that may have signed its certificate; null: those this machine trusts. */
  readonly ca: string | null;
}

/** Reads `{ NAME: URL | { url: URL, ca?: FILE } }`, or says in one sentence what is wrong with it. */
export function parseProbeSettings(value: unknown): ProbeSettings | string {
  if (!isRecord(value)) return 'is not an object of names and URLs';
  const probes: Record<string, ProbeSetting> = {};
  for (const [name, entry] of Object.entries(value)) {
    const { url, ca = null, ...rest } = isRecord(entry) ? entry : { url: entry };
    const [unknown] = Object.keys(rest);
    if (unknown !== undefined) return `${name} has an unknown key "${unknown}" (known: url, ca)`;
    if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) return `${name} is not an http or https URL`;
    if (url.includes('[masked]')) return `${name} has a masked password: give the whole URL`;
    if (ca !== null && (typeof ca !== 'string' || ca === '')) return `${name}: ca is not the path of a PEM file`;
    probes[name] = { url, ca };
  }
  return probes;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
