import { listAt, numberAt, textAt } from '../../src/demo/fields.js';

/** Where a process that was started with `--inspect-port` of that port stands right now, innermost function first; a sentence where it does not say. For one that gives no sign of life. */
export async function whereItIs(pid: number, port: number): Promise<readonly string[]> {
  try {
    process.kill(pid, 'SIGUSR1');
    return await callFrames(await debuggerUrl(port));
  } catch (error) {
    return [`nobody knows where it is: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** The inspector listens a moment after the signal. */
async function debuggerUrl(port: number): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    try {
      const listed: unknown = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
      const url = textAt(listAt({ listed }, 'listed')[0], 'webSocketDebuggerUrl');
      if (url !== null) return url;
    } catch (error) {
      if (tries > 50) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Pauses it, even in the middle of a loop, and reads the stack; at rest it is in no function at all. */
function callFrames(url: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const end = (frames: readonly string[]) => {
      clearTimeout(patience);
      socket.close();
      resolve(frames);
    };
    const patience = setTimeout(() => end(['in no function: it waits for something']), 5_000);
    socket.onerror = () => reject(new Error('its inspector does not answer'));
    socket.onopen = () => {
      for (const [id, method] of ['Debugger.enable', 'Debugger.pause'].entries()) socket.send(JSON.stringify({ id, method }));
    };
    const files = new Map<string, string>();
    socket.onmessage = ({ data }) => {
      const message: unknown = JSON.parse(String(data));
      if (textAt(message, 'method') === 'Debugger.scriptParsed') files.set(textAt(message, 'params', 'scriptId') ?? '', textAt(message, 'params', 'url') ?? '');
      if (textAt(message, 'method') !== 'Debugger.paused') return;
      end(
        listAt(message, 'params', 'callFrames').map(
          (frame) =>
            `${textAt(frame, 'functionName') || 'anonymous'} ${files.get(textAt(frame, 'location', 'scriptId') ?? '') ?? ''}:${(numberAt(frame, 'location', 'lineNumber') ?? 0) + 1}:${(numberAt(frame, 'location', 'columnNumber') ?? 0) + 1}`,
        ),
      );
    };
  });
}
