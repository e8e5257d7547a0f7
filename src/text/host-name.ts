/** A DNS name in lower case, as RFC 1123 has it for hosts. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
}

/** An IP address, with a zone where it has one, or a host name in any case. What begins with a dash would be an option to whoever takes it for one. */
export function isAddress(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return /^(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(text);
  if (text.includes(':')) return URL.canParse(`http://[${text.replace(/%[A-Za-z0-9._-]+$/, '')}]/`);
  return isHostName(text.toLowerCase().replaceAll('_', '-'));
}
