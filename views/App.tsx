import { Box, useWindowSize } from 'ink';
import { type ReactElement, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Session } from '../src/session.js';
import type { ClusterSnapshot } from '../src/state/snapshot.js';
import { line } from '../src/text/line.js';
import { initialState, listState, topPage } from './app-state.js';
import { createAppStore } from './app-store.js';
import type { Effect } from './dispatch.js';
import { bannerLines } from './frame/banner.js';
import { Footer } from './frame/Footer.js';
import { headerLine } from './frame/header.js';
import { noClusterLines } from './frame/no-cluster.js';
import { PaletteBox } from './frame/PaletteBox.js';
import { QuestionBox } from './frame/QuestionBox.js';
import { runningLine } from './frame/running.js';
import { tabsLine } from './frame/tabs.js';
import { leastColumns, leastRows, tooSmallLines } from './frame/too-small.js';
import { GpuHistoryContext, useGpuHistory } from './hooks/use-gpu-history.js';
import { useKeys } from './hooks/use-keys.js';
import { useNow } from './hooks/use-now.js';
import { useOperation } from './hooks/use-operation.js';
import { useQuestion } from './hooks/use-question.js';

import { type KeyTarget, KeyTargetContext } from './key-target.js';
import type { Capability } from './keys.js';
import { listRefs } from './operation-object.js';
import type { Command, PaletteSource } from './palette.js';
import { Body } from './screens/Body.js';
import type { ScreenId } from './screens/screen-ids.js';
import { type Theme, ThemeContext } from './theme.js';
import { Panel } from './widgets/Panel.js';
import { innerWidth } from './widgets/panel-lines.js';
import { Rows } from './widgets/Rows.js';
import { experimentObject } from './wizards/experiment/experiment-object.js';
import { emptyChoice } from './wizards/setup/draft.js';
import { useSetup } from './wizards/setup/use-setup.js';

export interface AppProps {
  /** null until it is open: the frame is there before it. */
  readonly session: Session | null;
  /** What is shown until there is a session. */
  readonly skeleton: ClusterSnapshot;
  readonly theme: Theme;
  readonly screen: ScreenId;
  readonly clock: () => number;
  /** The terminal's own matters: ending, suspending, painting anew. */
  readonly onTerminal: (request: 'quit' | 'suspend' | 'redraw') => void;
  /** Puts a text into the clipboard of the terminal's own machine. */
  readonly onCopy: (text: string) => void;
  /** Runs a command with the terminal to itself; a sentence where that fails. */
  readonly onRun: (command: readonly string[]) => Promise<string | null>;
}

/** The whole screen: header, tabs, body and keys, in exactly the terminal's size. */
export function App({ session, skeleton, theme, screen, clock, onTerminal, onCopy, onRun }: AppProps): ReactElement {
  const { columns, rows } = useWindowSize();
  const [store] = useState(() => createAppStore(initialState(screen)));
  const state = useSyncExternalStore(store.subscribe, store.state);
  const source = useMemo(() => sourceOf(session, skeleton), [session, skeleton]);
  const newest = useSyncExternalStore(source.subscribe, source.snapshot);
  const history = useGpuHistory(source);
  const ticking = useNow(clock, newest.at);
  // Who opened the app to see whether the cluster is back is not held up by machines that do not know them: those ask where they are looked at.
  const aboutMachines = state.screen === 'nodes' || state.screen === 'gpus' || state.screen === 'setup' || topPage(state)?.kind === 'settings';
  const question = useQuestion(session, newest, state.typing !== null || !aboutMachines);
  const unasked = aboutMachines ? 0 : (newest.questions.value?.length ?? 0);
  useEffect(() => {
    session?.lookAt(state.screen);
  }, [session, state.screen]);
  const top = topPage(state);
  const operation = useOperation(session, top?.kind === 'operation' ? (listRefs(top.object)[0] ?? null) : null, newest);
  const isSetup = state.screen === 'setup' || top?.kind === 'setup-wizard';
  const onShell = useCallback(
    async (argv: readonly string[]) => {
      const why = await onRun(argv);
      if (why !== null) store.dispatch({ type: 'notice', notice: { text: why, tone: 'bad' } });
    },
    [onRun, store],
  );
  const setup = useSetup(session, newest, store, isSetup ? `${top?.kind ?? ''} ${top?.object ?? ''}` : null, onShell);
  // Whatever fills the body says anew, as it is painted, what keys act on. Keys act on the picture that is on screen, never on one that is half made.
  const target: { current: KeyTarget } = { current: {} };
  const onScreen = useRef(target);
  useLayoutEffect(() => {
    onScreen.current = target;
  });
  const snapshot = state.paused?.snapshot ?? newest;
  const { connection } = snapshot;
  const now = state.paused?.at ?? ticking;
  // Machines can be set up before there is any cluster.
  const noCluster = !isSetup && (connection.status === 'unconfigured' || connection.status === 'unusable');
  const capabilities = useMemo(() => new Set<Capability>(session === null || session.readOnly ? [] : ['write']), [session]);
  const palette = (): PaletteSource => ({ contexts: session?.contexts() ?? [], scenarios: session?.demoScenarios() ?? [] });

  const command = (wanted: Command) => {
    switch (wanted.do) {
      case 'show':
        return store.dispatch({ type: 'show', screen: wanted.screen });
      case 'contexts':
        return store.dispatch({ type: 'open', page: { kind: 'contexts', object: '' } });
      case 'settings':
        return store.dispatch({ type: 'open', page: { kind: 'settings', object: '' } });
      case 'experiment':
        return store.dispatch({ type: 'open', page: { kind: 'experiment', object: wanted.file === null ? '' : experimentObject({ file: wanted.file }) } });
      case 'setup':
        store.dispatch({ type: 'show', screen: 'setup' });
        store.dispatch({
          type: 'draft',
          change: { do: 'begin', choice: (setup.kept.status === 'read' ? setup.kept.value?.choice : null) ?? emptyChoice, part: 'profile' },
        });
        return store.dispatch({ type: 'open', page: { kind: 'setup-wizard', object: '' } });
      case 'help':
        return store.dispatch({ type: 'open', page: { kind: 'help', object: '' } });
      case 'context':
      case 'demo':
        store.dispatch({ type: 'resume' });
        store.dispatch({ type: 'show', screen: store.state().screen });
        if (wanted.do === 'context') session?.switchContext(wanted.name);
        else session?.openDemo(wanted.scenario);
        return store.dispatch({
          type: 'notice',
          notice: { text: wanted.do === 'context' ? `context ${wanted.name}` : `demo cluster: ${wanted.scenario}`, tone: 'plain' },
        });
      case 'refresh':
        store.dispatch({ type: 'resume' });
        session?.refresh();
        return store.dispatch({ type: 'notice', notice: { text: 'looking at everything anew', tone: 'plain' } });
      case 'quit':
        return onTerminal('quit');
    }
  };

  const changeSetting = async (path: string, value: string) => {
    const why = (await session?.changeSetting(path, value)) ?? null;
    const { typing } = store.state();
    if (typing?.into !== 'setting' || typing.path !== path) return;
    store.dispatch(why === null ? { type: 'accept' } : { type: 'refused', path, why });
  };

  const expectThis = async (fields: NonNullable<KeyTarget['offer']>) => {
    for (const { path, value } of fields) {
      const why = (await session?.changeSetting(path, value)) ?? null;
      if (why !== null) return store.dispatch({ type: 'notice', notice: { text: why, tone: 'bad' } });
    }
    store.dispatch({ type: 'notice', notice: { text: 'kept as expected: :settings shows it', tone: 'plain' } });
  };

  const onEffect = (effect: Effect) => {
    if (effect.effect === 'command') command(effect.command);
    else if (effect.effect === 'setting') void changeSetting(effect.path, effect.value);
    else if (effect.effect === 'copy') {
      onCopy(effect.text);
      store.dispatch({ type: 'notice', notice: { text: 'copied, where the terminal allows it (OSC 52)', tone: 'plain' } });
    } else if (effect.effect === 'expect') void expectThis(effect.fields);
    else if (effect.effect === 'chart') onScreen.current.current.chart?.act(effect.wish);
    else if (effect.effect === 'wizard') onScreen.current.current.wizard?.act(effect.wish);
    else if (effect.effect === 'setup') {
      for (const action of onScreen.current.current.setup?.act(effect.key, store.state()) ?? []) store.dispatch(action);
    } else if (effect.effect === 'field') {
      const { field, text, next } = effect;
      for (const action of onScreen.current.current.setup?.entered?.(field, text, next, store.state()) ?? []) store.dispatch(action);
    } else if (effect.effect !== 'pause') onTerminal(effect.effect);
    else if (store.state().paused !== null) store.dispatch({ type: 'resume' });
    else store.dispatch({ type: 'pause', at: clock(), snapshot: newest });
  };

  // With no cluster there is one answer to Enter, whatever the screen; and below the least size no key may do what cannot be seen.
  const before = (key: string): boolean => {
    if (columns < leastColumns || rows < leastRows) {
      if (key === 'q' || key === 'ctrl-c') onTerminal('quit');
      return true;
    }
    if (question.onKey(key)) return true;
    if (!noCluster || key !== 'enter' || store.state().typing !== null || topPage(store.state()) !== null) return false;
    command({ do: 'demo', scenario: 'healthy' });
    return true;
  };

  useKeys({ store, target: () => onScreen.current.current, palette, capabilities, before, paste: question.onPaste, onEffect });

  if (columns < leastColumns || rows < leastRows) {
    return (
      <ThemeContext value={theme}>
        <Rows lines={tooSmallLines(columns, rows)} width={columns} height={rows} />
      </ThemeContext>
    );
  }

  // Where nothing was ever seen the Overview itself says so.
  const banner = snapshot.nodes.value === null && state.screen === 'overview' ? [] : bannerLines(connection, columns);
  const bodyHeight = rows - 3 - banner.length;
  const frame = [headerLine(snapshot, ticking, state.paused?.at ?? null, columns), tabsLine(state.screen, columns), ...banner];

  return (
    <ThemeContext value={theme}>
      <GpuHistoryContext value={history}>
        <KeyTargetContext value={target}>
          <Box flexDirection="column" width={columns} height={rows}>
            <Rows lines={frame} width={columns} />
            <Box height={bodyHeight} width={columns} flexShrink={0}>
              {noCluster && top === null ? (
                <Panel title="No cluster" lines={noClusterLines(connection, innerWidth(columns))} width={columns} height={bodyHeight} />
              ) : (
                <Body
                  snapshot={snapshot}
                  now={now}
                  width={columns}
                  height={bodyHeight}
                  list={(id) => listState(state, id)}
                  panel={state.panels[state.screen] ?? 0}
                  dial={(name) => state.dials[name] ?? 0}
                  screen={state.screen}
                  page={top}
                  session={session}
                  typing={state.typing}
                  operation={operation}
                  setup={setup}
                  draft={state.draft}
                />
              )}
              {state.typing?.into === 'palette' ? (
                <PaletteBox typed={state.typing.input.text} choice={state.typing.choice} source={palette()} width={columns} bodyHeight={bodyHeight} />
              ) : null}
              {question.open === null ? null : <QuestionBox {...question.open} width={columns} bodyHeight={bodyHeight} />}
            </Box>
            {question.open === null ? (
              <Footer
                state={state}
                capabilities={capabilities}
                unasked={unasked}
                running={top?.kind === 'operation' ? [] : runningLine(newest, now, isSetup)}
                width={columns}
              />
            ) : (
              <Rows lines={[line(' ', ['warn', '! '], 'a machine asks you something', ['dim', '   ctrl-c quits'])]} width={columns} />
            )}
          </Box>
        </KeyTargetContext>
      </GpuHistoryContext>
    </ThemeContext>
  );
}

function sourceOf(session: Session | null, skeleton: ClusterSnapshot) {
  return {
    subscribe: (listener: () => void) => session?.subscribe(listener) ?? (() => undefined),
    snapshot: () => session?.snapshot() ?? skeleton,
  };
}
