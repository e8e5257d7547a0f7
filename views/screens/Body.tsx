import type { ReactElement } from 'react';
import type { Session } from '../../src/session.js';
import type { Page, Typing } from '../app-state.js';
import type { OperationControl } from '../hooks/use-operation.js';
import { Experiment } from '../wizards/experiment/Experiment.js';
import { Operation } from '../wizards/Operation.js';
import { ScaleChoice } from '../wizards/scale/ScaleChoice.js';
import type { SetupDraft } from '../wizards/setup/draft.js';
import { SetupRun } from '../wizards/setup/SetupRun.js';
import { SetupWizard } from '../wizards/setup/SetupWizard.js';
import type { SetupControl } from '../wizards/setup/use-setup.js';
import { Contexts } from './Contexts.js';
import { Cleanup } from './cleanup/Cleanup.js';
import { FindingDetails } from './findings/FindingDetails.js';
import { Findings } from './findings/Findings.js';
import { GpuDetails } from './gpus/GpuDetails.js';
import { Gpus } from './gpus/Gpus.js';
import { NvidiaSmi } from './gpus/NvidiaSmi.js';
import { Help } from './Help.js';
import { Journal } from './journal/Journal.js';
import { JournalEntryDetails } from './journal/JournalEntryDetails.js';
import { Latency } from './latency/Latency.js';
import { LatencyDetails } from './latency/LatencyDetails.js';
import { AlertDetails } from './monitoring/AlertDetails.js';
import { Monitoring } from './monitoring/Monitoring.js';
import { ProbeDetails } from './monitoring/ProbeDetails.js';
import { TargetDetails } from './monitoring/TargetDetails.js';
import { NodeDetails } from './nodes/NodeDetails.js';
import { Nodes } from './nodes/Nodes.js';
import { Overview } from './Overview.js';
import type { ScreenId } from './screen-ids.js';
import type { ScreenProps } from './screen-props.js';
import { Settings } from './settings/Settings.js';
import { Setup } from './setup/Setup.js';
import { SetupScript } from './setup/SetupScript.js';
import { StepDetails } from './setup/StepDetails.js';
import { PodLog } from './workloads/PodLog.js';
import { WorkloadDetails } from './workloads/WorkloadDetails.js';
import { Workloads } from './workloads/Workloads.js';
import { Yaml } from './Yaml.js';

interface BodyProps extends ScreenProps {
  readonly screen: ScreenId;
  readonly page: Page | null;
  readonly session: Session | null;
  readonly typing: Typing | null;
  /** The wish of an operation's page. */
  readonly operation: OperationControl;
  readonly setup: SetupControl;
  /** The setup that is being chosen. */
  readonly draft: SetupDraft | null;
}

/** What fills the frame: the page on top, else the screen. One line here for each screen and each kind of page. */
export function Body({ screen, page, session, typing, operation, setup, draft, ...props }: BodyProps): ReactElement {
  const { snapshot, now, width, height, list } = props;
  switch (page?.kind) {
    case 'node':
      return <NodeDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'target':
      return <TargetDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'alert':
      return <AlertDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'probe':
      return <ProbeDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'latency':
      return <LatencyDetails key={page.object} snapshot={snapshot} session={session} now={now} page={page} width={width} height={height} />;
    case 'gpu':
      return <GpuDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'nvidia-smi':
      return <NvidiaSmi snapshot={snapshot} session={session} now={now} page={page} width={width} height={height} />;
    case 'settings':
      return <Settings session={session} typing={typing} list={list('settings')} now={now} width={width} height={height} />;
    case 'yaml':
      return <Yaml session={session} page={page} width={width} height={height} />;
    case 'contexts':
      return <Contexts session={session} list={list('contexts')} now={now} width={width} height={height} />;
    case 'report':
      return <Findings snapshot={snapshot} list={list('findings')} now={now} width={width} height={height} />;
    case 'finding':
      return <FindingDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'operation':
      return <Operation operation={operation} page={page} typing={typing} now={now} width={width} height={height} />;
    case 'experiment':
      return <Experiment snapshot={snapshot} session={session} page={page} list={list('experiment')} now={now} width={width} height={height} />;
    case 'journal-entry':
      return <JournalEntryDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'workload':
      return <WorkloadDetails snapshot={snapshot} now={now} page={page} width={width} height={height} />;
    case 'pod-log':
      return <PodLog snapshot={snapshot} session={session} page={page} width={width} height={height} />;
    case 'scale':
      return <ScaleChoice session={session} page={page} typing={typing} width={width} height={height} />;
    case 'setup-wizard':
      return <SetupWizard setup={setup} draft={draft} page={page} typing={typing} list={list} dial={props.dial} width={width} height={height} />;
    case 'setup-step':
      return <StepDetails snapshot={snapshot} setup={setup} now={now} page={page} width={width} height={height} />;
    case 'setup-run':
      return <SetupRun snapshot={snapshot} setup={setup} page={page} typing={typing} width={width} height={height} />;
    case 'setup-script':
      return <SetupScript snapshot={snapshot} setup={setup} page={page} width={width} height={height} />;
    case 'help':
      return <Help page={page} readOnly={session?.readOnly ?? true} setup={screen === 'setup'} width={width} height={height} />;
  }
  switch (screen) {
    case 'overview':
      return <Overview {...props} />;
    case 'nodes':
      return <Nodes {...props} />;
    case 'gpus':
      return <Gpus {...props} />;
    case 'monitoring':
      return <Monitoring {...props} />;
    case 'latency':
      return <Latency {...props} />;
    case 'cleanup':
      return <Cleanup {...props} session={session} />;
    case 'workloads':
      return <Workloads {...props} />;
    case 'journal':
      return <Journal {...props} />;
    case 'setup':
      return <Setup {...props} setup={setup} draft={draft} />;
  }
}
