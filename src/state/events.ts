/** A core/v1 Event about some object, newest state of its series. */
export interface ClusterEvent {
  readonly uid: string;
  readonly namespace: string;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly object: { readonly kind: string; readonly namespace: string | null; readonly name: string };
  readonly source: string | null;
  readonly count: number;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}
