/** A RuntimeClass: the name pods ask for and the handler the container runtime must know. */
export interface RuntimeClass {
  readonly name: string;
  readonly handler: string;
}
