// Bundles the program into dist/, or the folder that is given: ESM chunks with production React, so that only what the first frame needs is loaded for it.
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { billOfMaterials, bundledPackages, licenceTexts } from './bundled.ts';
import { ownSigns } from './src/text/own-signs.ts';

/**
 * KubeConfig reads kubeconfigs and credentials for us; the requests are our own. What it imports only for the generated API
 * clients (model classes, undici) costs 60 ms and 20 MB at start, so those imports resolve to empty stand-ins.
 */
const kubeConfigOnly: Plugin = {
  name: 'kubeconfig-only',
  setup(build) {
    build.onResolve({ filter: /^undici$|\/gen\/index\.js$|^\.\/api\.js$/ }, ({ importer, path }) =>
      importer.includes('@kubernetes/client-node') ? { path, namespace: 'unused' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: `const unused = () => { throw new Error('not part of this build'); };
        export { unused as Agent, unused as ProxyAgent, unused as createConfiguration, unused as ServerConfiguration, unused as RequestContext };`,
      loader: 'js',
    }));
  },
};

/** yoga-layout decodes its wasm through fetch('data:…') where there is a fetch, which loads undici; decoding it directly saves 28 ms and 8 MB. */
const yogaWithoutFetch: Plugin = {
  name: 'yoga-without-fetch',
  setup(build) {
    build.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => ({ contents: replaced(path, '"function"!=typeof fetch', 'true'), loader: 'js' }));
  },
};

/**
 * An ES import of a module of Node reads every export of it, and some are made as they are read: node:http's for WebSocket load all of undici, 100 ms, node:util's and
 * node:process' take 8. Taken as the module object instead, only what is used is read.
 */
const builtinsAsObjects: Plugin = {
  name: 'builtins-as-objects',
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?(?:http|process|util)$/ }, ({ path }) => ({ path: `node:${path.replace('node:', '')}`, namespace: 'module-object' }));
    build.onLoad({ filter: /.*/, namespace: 'module-object' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('${path}')`,
      loader: 'js',
    }));
  },
};

/** axios looks at fetch and FormData when it is loaded, which loads undici; requests here go over node:http and send no forms. */
const axiosWithoutFetch: Plugin = {
  name: 'axios-without-fetch',
  setup(build) {
    build.onLoad({ filter: /axios\/lib\/adapters\/fetch\.js$/ }, () => ({
      contents: 'export const getFetch = () => false; export default false;',
      loader: 'js',
    }));
    build.onLoad({ filter: /axios\/lib\/utils\.js$/ }, ({ path }) => ({
      contents: replaced(path, "typeof G.FormData !== 'undefined'", 'false'),
      loader: 'js',
    }));
  },
};

/** ssh2 knows a session by the name of its class, which minifying takes away; a session is what has no incoming side. */
const ssh2Minified: Plugin = {
  name: 'ssh2-minified',
  setup(build) {
    build.onLoad({ filter: /ssh2\/lib\/utils\.js$/ }, ({ path }) => ({
      contents: replaced(path, "channel.constructor.name === 'Session'", 'channel.incoming === undefined'),
      loader: 'js',
    }));
  },
};

/** Ink measures and takes apart every text of a frame anew, and puts every row together anew, although few of them change from one frame to the next: what it found is kept for some hundred texts, and the rows of the last frame. */
const inkRemembersTexts: Plugin = {
  name: 'ink-remembers-texts',
  setup(build) {
    const remembered = `function remembered(find) {
      let found = new Map();
      return (text) => {
        const known = found.get(text);
        if (known !== undefined) return known;
        if (found.size > 800) found = new Map();
        const result = find(text);
        found.set(text, result);
        return result;
      };
    }`;
    const outputEdits: readonly (readonly [string, string])[] = [
      ['caches = new OutputCaches();', 'caches = cachesInUse();'],
      [
        '    get() {',
        `    get() {
          const writes = Array.from({ length: this.height }, () => []);
          for (const operation of this.operations) {
            if (operation.type !== 'write' || operation.text.includes('\\n')) return this.compose();
            const text = operation.transformers.reduce((before, transformer) => transformer(before, 0), operation.text);
            writes[operation.y]?.push({ ...operation, text, transformers: [] });
          }
          const rows = writes.map((operations, y) => {
            const last = lastRows[y];
            if (last !== undefined && last.width === this.width && areSame(last.operations, operations)) return last.text;
            const row = new Output({ width: this.width, height: 1 });
            row.operations = operations.map((operation) => ({ ...operation, y: 0 }));
            const { output: text } = row.compose();
            lastRows[y] = { width: this.width, operations, text };
            return text;
          });
          return { output: rows.join('\\n'), height: this.height };
        }
        compose() {`,
      ],
    ];
    build.onLoad({ filter: /ink\/build\/output\.js$/ }, ({ path }) => ({
      contents: `${outputEdits.reduce((source, [expression, by]) => replacedIn(path, source, expression, by), readFileSync(path, 'utf8'))}
        let inUse = new OutputCaches();
        function cachesInUse() {
          if (inUse.styledChars.size > 800) inUse = new OutputCaches();
          return inUse;
        }
        const lastRows = [];
        function areSame(some, others) {
          return some.length === others.length && some.every(({ x, text }, index) => x === others[index].x && text === others[index].text);
        }`,
      loader: 'js',
    }));
    build.onLoad({ filter: /widest-line\/index\.js$/ }, ({ path }) => ({
      contents: replaced(path, 'export default function widestLine', `${remembered}\nexport default remembered(widestLine);\nfunction widestLine`),
      loader: 'js',
    }));
    build.onLoad({ filter: /ink\/build\/sanitize-ansi\.js$/ }, ({ path }) => ({
      contents: replaced(path, 'export default sanitizeAnsi;', `${remembered}\nexport default remembered(sanitizeAnsi);`),
      loader: 'js',
    }));
  },
};

/**
 * What takes Unicode apart is costly to make: a segmenter 20 ms, the pattern of all emojis 30, and Ink's packages make some of each as they are loaded. They are made when
 * the first text asks for them; what our own frames are drawn with asks for neither.
 */
const unicodeWhenAsked: Plugin = {
  name: 'unicode-when-asked',
  setup(build) {
    const stringWidth = fileURLToPath(import.meta.resolve('string-width'));
    build.onResolve({ filter: /^string-width$/ }, () => ({ path: stringWidth }));
    build.onLoad({ filter: /\/string-width\/index\.js$/ }, ({ path }) => ({
      contents: `${replacedIn(path, replaced(path, ...segmenterWhenAsked), /const (emojiPrefixRegex|textPresentationEmojiRegex) = (\/.+\/v);/g, 'const $1 = patternWhenAsked(() => $2);')}
        ${lateSegmenter}
        function patternWhenAsked(make) {
          let made;
          const pattern = () => (made ??= make());
          return { test: (text) => pattern().test(text), exec: (text) => pattern().exec(text) };
        }`,
      loader: 'js',
    }));
    build.onLoad({ filter: /\/(?:ink\/build\/line-update|slice-ansi\/tokenize-ansi|wrap-ansi\/index|ansi-tokenize\/build\/tokenize)\.js$/ }, ({ path }) => ({
      contents: `${replaced(path, ...segmenterWhenAsked)}\n${lateSegmenter}`,
      loader: 'js',
    }));
  },
};

const segmenterWhenAsked = [/new Intl\.Segmenter\([^)]*\)/, 'lateSegmenter()'] as const;

// Characters of which each stands for itself need no segmenter, but for who asks what contains a place in the text.
const lateSegmenter = `function lateSegmenter() {
  let made;
  const segments = (text) => (made ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })).segment(text);
  return {
    segment: (text) => ({
      [Symbol.iterator]: () =>
        (/^[\\x1b${ownSigns}]*$/.test(text)
          ? Array.from(text, (segment, index) => ({ segment, index }))
          : segments(text))[Symbol.iterator](),
      containing: (place) => segments(text).containing(place),
    }),
  };
}`;

/** At the end the cursor is shown once more where it was hidden: on the terminal, not in a file that stderr is sent to. */
const cursorOnStdout: Plugin = {
  name: 'cursor-on-stdout',
  setup(build) {
    build.onLoad({ filter: /restore-cursor\/index\.js$/ }, ({ path }) => ({
      contents: replaced(path, 'process.stderr.write', 'process.stdout.write'),
      loader: 'js',
    }));
  },
};

/** A file's text with one expression replaced. Fails where a new version no longer has it, so that the saving is not lost in silence. */
function replaced(path: string, expression: string | RegExp, by: string): string {
  return replacedIn(path, readFileSync(path, 'utf8'), expression, by);
}

function replacedIn(path: string, source: string, expression: string | RegExp, by: string): string {
  const changed = typeof expression === 'string' ? source.replace(expression, () => by) : source.replace(expression, by);
  if (changed === source) throw new Error(`${path} no longer has ${String(expression)}`);
  return changed;
}

const outdir = process.argv[2] ?? 'dist';
rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { main: 'src/cli/main.ts' },
  outdir,
  bundle: true,
  splitting: true,
  minify: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  // What CommonJS packages expect to be there.
  banner: {
    js: "import{createRequire as requireFor}from'node:module';const require=requireFor(import.meta.url),__dirname=import.meta.dirname,__filename=import.meta.filename;",
  },
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [kubeConfigOnly, yogaWithoutFetch, builtinsAsObjects, axiosWithoutFetch, ssh2Minified, inkRemembersTexts, unicodeWhenAsked, cursorOnStdout],
  // Devtools are only loaded when DEV is set, which this build says it is not; ssh2 does without its native parts where they are not there.
  external: ['react-devtools-core', 'cpu-features', '*.node'],
  // The licences stand together in a file of their own.
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
// Old Node versions must get as far as the sentence that says what is missing, so this file is compiled for them.
await build({
  entryPoints: { 'gpuk8s-tui': 'src/cli/bootstrap.ts' },
  outdir,
  platform: 'node',
  format: 'esm',
  target: 'node14.8',
  logLevel: 'warning',
});
chmodSync(`${outdir}/gpuk8s-tui.js`, 0o755);
const packages = bundledPackages(metafile);
writeFileSync(`${outdir}/LICENCES`, licenceTexts(packages));
writeFileSync(`${outdir}/sbom.cdx.json`, billOfMaterials(packages));
