import { describe, expect, it } from 'vitest';
import { journalMarkdown } from '../../src/journal/journal-markdown.js';
import { aJournalEntry } from '../builders/operations.js';

/** Local time, so that the page reads the same wherever the test runs. */
const at = (day: number, hour: number, minute: number) => new Date(2026, 10, day, hour, minute, 11).getTime();

describe('the journal as Markdown', () => {
  it('reads like an engineer’s own, by day, oldest first', () => {
    const page = journalMarkdown([
      aJournalEntry({
        id: 'c',
        at: at(3, 9, 0),
        title: 'Clear 10,000 pods `Evicted` of ai_lab',
        plan: ['DELETE /api/v1/pods/a', 'and 9,999 more'],
        result: 'cancelled',
        said: null,
        undo: null,
        items: { done: 4_000, failed: 2, total: 10_000 },
        tookMs: 61_000,
        risk: 'destructive',
      }),
      aJournalEntry({
        id: 'b',
        at: at(2, 14, 5),
        title: 'Switch swap off on gpu-2',
        plan: ['gpu-2# swapoff -a'],
        undo: 'Put the line back into /etc/fstab',
        result: 'interrupted',
        said: 'the program ended',
        tookMs: null,
        risk: 'safe',
      }),
      aJournalEntry({ at: at(2, 14, 2), tookMs: 180 }),
    ]);
    expect(page).toMatchInlineSnapshot(`
      "# Journal

      ## 2026-11-02, Monday

      ### 14:02:11 Set runtimeClassName nvidia on daemonset kube-system/nvidia-device-plugin

      - Cluster: lab
      - By: ops@headnode
      - Risk: disruptive
      - Result: **done**, 8 of 8 GPUs of gpu-2 registered (180 ms)

      \`\`\`console
      PATCH /apis/apps/v1/namespaces/kube-system/daemonsets/nvidia-device-plugin {"spec":{"template":{"spec":{"runtimeClassName":"nvidia"}}}}
      \`\`\`

      Undo:

      \`\`\`console
      kubectl -n kube-system rollout undo daemonset/nvidia-device-plugin
      \`\`\`

      ### 14:05:11 Switch swap off on gpu-2

      - Cluster: lab
      - By: ops@headnode
      - Risk: safe
      - Result: **interrupted**, the program ended
      - Undo: Put the line back into /etc/fstab

      \`\`\`console
      gpu-2# swapoff -a
      \`\`\`

      ## 2026-11-03, Tuesday

      ### 09:00:11 Clear 10,000 pods \\\`Evicted\\\` of ai\\_lab

      - Cluster: lab
      - By: ops@headnode
      - Risk: destructive
      - Result: **cancelled** (4,000 of 10,000 steps done, 2 failed, 61s)

      \`\`\`console
      DELETE /api/v1/pods/a
      and 9,999 more
      \`\`\`
      "
    `);
  });

  it('fences commands that hold fences themselves', () => {
    expect(journalMarkdown([aJournalEntry({ plan: ['echo ```'] })])).toContain('````console\necho ```\n````');
  });

  it('says when there is nothing', () => expect(journalMarkdown([])).toBe('# Journal\n\nNothing was done.\n'));
});
