import { spawn } from 'node:child_process';

/** Runs a command with this terminal as its own, until it ends; resolves with a sentence where it could not be run, or ended because of a fault of its own. */
export function runInTerminal([program = '', ...args]: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit' });
    child.on('error', (error) => resolve(`${program} cannot be started: ${error.message}`));
    // A shell ends with the code of its last command; what ssh itself has to complain of is 255.
    child.on('close', (code) => resolve(program === 'ssh' && code === 255 ? 'ssh could not log in, or lost the connection' : null));
  });
}
