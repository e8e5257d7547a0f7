import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.js';

/** API servers on a machine, as far as who asks for /readyz can tell, each at an address of its own. */
export interface PlayedApi {
  /** Whether the one at that address is ready. */
  setReady(address: string, ready: boolean): void;
  /** How often the one at that address was asked. */
  asked(address: string): number;
}

const folder = '/srv/api';

const server = `import os, ssl, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

address = sys.argv[1]

class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        ready = not os.path.exists(f'${folder}/{address}.unready')
        with open(f'${folder}/{address}.asked', 'a') as asked:
            asked.write(f'{self.path}\\n')
        body = b'ok' if ready else b'[-]etcd failed: reason withheld'
        self.send_response(200 if ready else 500)
        self.send_header('content-type', 'text/plain')
        self.send_header('x-served-by', address)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain('${folder}/server.crt', '${folder}/server.key')
listener = ThreadingHTTPServer((address, 6443), Handler)
listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
listener.serve_forever()
`;

// Addresses that were set by hand are gone with each boot.
const unit = `[Unit]
StartLimitIntervalSec=0
[Service]
ExecStartPre=-/sbin/ip addr add %i/24 dev host0
ExecStart=/usr/bin/python3 ${folder}/server.py %i
Restart=always
RestartSec=200ms
[Install]
WantedBy=multi-user.target
`;

/** Starts them: the first at the machine's own address, the others at further ones, which it is given. With kubectl and an admin.conf for the first, as kubeadm leaves it. */
export function playApi(machine: Machine, addresses: readonly string[]): PlayedApi {
  const inside = (path: string) => join(machine.root, path);
  const [own = machine.address] = addresses;
  mkdirSync(inside(folder), { recursive: true });
  writeFileSync(inside(`${folder}/server.py`), server);
  const names = addresses.map((address) => `IP:${address}`).join(',');
  const subject = ['-days', '2', '-subj', '/CN=kube-apiserver', '-addext', `subjectAltName=${names}`];
  const files = ['-keyout', inside(`${folder}/server.key`), '-out', inside(`${folder}/server.crt`)];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', ...subject, ...files], { stdio: 'ignore' });
  writeFileSync(inside('etc/systemd/system/api@.service'), unit);
  machine.run('systemctl', 'daemon-reload');
  for (const address of addresses) machine.run('systemctl', 'enable', '--now', `api@${address}.service`);
  mkdirSync(inside('etc/kubernetes'), { recursive: true });
  writeFileSync(inside('etc/kubernetes/admin.conf'), adminConf(own, readFileSync(inside(`${folder}/server.crt`))), { mode: 0o600 });
  return {
    setReady(address, ready) {
      const flag = inside(`${folder}/${address}.unready`);
      if (ready) rmSync(flag, { force: true });
      else writeFileSync(flag, '');
    },
    asked: (address) => readFileSync(inside(`${folder}/${address}.asked`), 'utf8').split('\n').length - 1,
  };
}

/** This computer's kubectl, which is one file that needs no other. */
export function giveKubectl(machine: Machine): void {
  const path = execFileSync('sh', ['-c', 'command -v kubectl'], { encoding: 'utf8' }).trim();
  copyFileSync(realpathSync(path), join(machine.root, 'usr/bin/kubectl'));
}

function adminConf(address: string, certificate: Buffer): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'lab', cluster: { server: `https://${address}:6443`, 'certificate-authority-data': certificate.toString('base64') } }],
    users: [{ name: 'admin', user: { token: 'of-the-admin' } }],
    contexts: [{ name: 'admin@lab', context: { cluster: 'lab', user: 'admin' } }],
    'current-context': 'admin@lab',
  });
}
