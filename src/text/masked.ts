/** What stands in the place of a secret. */
export const mask = '[masked]';

/**
 * The text without secrets, for what is kept or shown of commands, requests and their output: values named token, password, key and the like; bearer and
 * bootstrap tokens, private keys, kubeconfig data, passwords in URLs, and the values of a Secret object.
 */
export function masked(text: string): string {
  let safe = text;
  if (/"kind"\s*:\s*"Secret"|\/secrets\b/.test(safe)) safe = safe.replace(secretValues, `$1{"${mask}":"${mask}"}`);
  for (const [pattern, replacement] of patterns) safe = safe.replace(pattern, replacement);
  return safe;
}

/** Whether a value of this name is a secret whatever it looks like: `token`, `hfToken`, `DB_PASSWORD`, `certificate-key`. */
export function isSecretName(name: string): boolean {
  return secretName.test(name);
}

const names =
  '(?:token|passwords?|passwd|passphrase|secret|credentials?|api[-_]?key|certificate[-_]?key|private[-_]?key|access[-_]?key|key[-_]data|certificate[-_]authority[-_]data|client[-_]certificate[-_]data)';
const secretName = new RegExp(`${names}$`, 'i');

const secretValues = /("(?:data|stringData)"\s*:\s*)\{[^{}]*\}/g;

/** A word in quotes of one kind or another, or up to the next blank, comma or bracket. */
const value = String.raw`(?:\\?"[^"]*"|'[^']*'|[^\s,;&"'{}[\]]+)`;

const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs, mask],
  // Flags take the next word: --token X, --certificate-key X.
  [new RegExp(String.raw`(--[\w-]*?${names})(\s+)(?!-)${value}`, 'gi'), `$1$2${mask}`],
  // name: value, name=value, "name":"value"; a yes or no is no secret.
  [new RegExp(String.raw`(\b[\w.-]*?${names}\\?["']?\s*[:=]\s*)(?!(?:true|false|null)\b)${value}`, 'gi'), `$1${mask}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${mask}`],
  // kubeadm's bootstrap tokens, JSON web tokens, and the tokens of Hugging Face, NVIDIA NGC and GitHub.
  [/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, mask],
  [/\beyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?/g, mask],
  [/\b(?:hf_|nvapi-|ghp_|github_pat_)[\w-]{10,}/g, mask],
  [/\b([a-z][a-z\d+.-]*:\/\/)[^\s/@]+@/gi, `$1${mask}@`],
  // Whole kubeconfigs, certificates and keys in base64: nothing else that is shown here is so long without a blank.
  [/[A-Za-z0-9+/]{200,}={0,2}/g, mask],
];
