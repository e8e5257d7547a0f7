import { baseTree, derivedTree } from './base-tree.js';

/** Installed by the steps of guided setup, from a folder in the machine: it reaches no mirror. */
const offered = 'ca-certificates curl gnupg jq socat conntrack ethtool iptables openssl pciutils containerd runc haproxy unattended-upgrades';

/** There from the start, since they take long and prove nothing: what the played API server runs on, and what others pull in. */
const installed = 'python3 iptables pciutils gnupg ca-certificates openssl';

// Pins a version for none of them: what Debian's mirror has today.
const script = `set -eu
chroot "$1" apt-get update
chroot "$1" apt-get install -y --no-install-recommends ${installed}
mkdir -p "$1/srv/packages"
chroot "$1" apt-get install -y --download-only --no-install-recommends -o Dir::Cache::Archives=/srv/packages ${offered}
chroot "$1" sh -c 'cd /srv/packages && rm -rf partial lock && for file in *.deb; do
  dpkg-deb -f "$file"
  printf "Filename: ./%s\\nSize: %s\\nSHA256: %s\\n\\n" "$file" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d " " -f 1)"
done >Packages'
echo 'deb [trusted=yes] file:/srv/packages ./' >"$1/etc/apt/sources.list"
rm -rf "$1/var/lib/apt/lists"
mkdir -p "$1/var/lib/apt/lists/partial"
chroot "$1" apt-get update
chroot "$1" apt-get clean
`;

/** The shared tree with a folder of Debian's packages as its only repository. */
export async function setupTree(): Promise<string> {
  return derivedTree('setup', await baseTree(), script);
}
